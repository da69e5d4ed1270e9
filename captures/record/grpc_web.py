#!/usr/bin/env python3
"""Asks a gRPC-Web server as a browser's script would: binary and as text, over HTTP/2 and over HTTP/1.1.

Needs:  pip install grpcio-tools 'httpx[http2]'.

    grpc_web.py URL URL           the server for HTTP/2 and that for HTTP/1.1
    grpc_web.py packed URL URL    the same, where something on the way compresses answers
"""
import base64
import sys

import httpx

import grpc_stubs

users, _ = grpc_stubs.load("user_service")


def ask(client, method, message, text=False, **more):
    payload = message.SerializeToString()
    body = b"\0" + len(payload).to_bytes(4, "big") + payload
    kind = "application/grpc-web-text" if text else "application/grpc-web+proto"
    headers = {"content-type": kind, "accept": kind, "x-grpc-web": "1", "x-user-agent": "grpc-web-javascript/0.1", "origin": "https://loom.example", **more}
    answer = client.post(f"/users.UserService/{method}", content=base64.b64encode(body) if text else body, headers=headers)
    data = answer.content
    if text:
        data = b"".join(base64.b64decode(data[at:at + 4]) for at in range(0, len(data), 4))
    at = 0
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 1:at + 5], "big")
        what = "trailers" if data[at] & 0x80 else "message"
        print(answer.http_version, method, what, data[at + 5:at + 5 + size][:70])
        at += 5 + size
    if not data:
        print(answer.http_version, method, answer.headers.get("grpc-status"), answer.headers.get("grpc-message"))


def plain(over_2, over_1):
    with httpx.Client(http1=False, http2=True, base_url=over_2) as client:
        for text in (False, True):
            ask(client, "GetUser", users.GetUserRequest(user_id=42), text, **{"grpc-timeout": "2S"})
            ask(client, "GetUser", users.GetUserRequest(user_id=7), text)
            ask(client, "ListUsers", users.ListUsersRequest(page_size=4), text)
            ask(client, "ListUsers", users.ListUsersRequest(page_size=2, page_token="breaks"), text)
    with httpx.Client(base_url=over_1) as client:
        ask(client, "GetUser", users.GetUserRequest(user_id=42))
        ask(client, "ListUsers", users.ListUsersRequest(page_size=3), True)


def packed(over_2, over_1):
    with httpx.Client(base_url=over_1) as client:
        ask(client, "GetUser", users.GetUserRequest(user_id=42), **{"accept-encoding": "gzip"})
        ask(client, "ListUsers", users.ListUsersRequest(page_size=12), **{"accept-encoding": "gzip"})
        ask(client, "ListUsers", users.ListUsersRequest(page_size=4, page_token="slow"), **{"accept-encoding": "gzip"})
        ask(client, "ListUsers", users.ListUsersRequest(page_size=3), True, **{"accept-encoding": "gzip"})
        ask(client, "GetUser", users.GetUserRequest(user_id=7), **{"accept-encoding": "gzip"})
        ask(client, "GetUser", users.GetUserRequest(user_id=42), **{"accept-encoding": "identity"})
    with httpx.Client(http1=False, http2=True, base_url=over_2) as client:
        ask(client, "ListUsers", users.ListUsersRequest(page_size=12), **{"accept-encoding": "gzip"})
        ask(client, "ListUsers", users.ListUsersRequest(page_size=3), True, **{"accept-encoding": "gzip"})


if __name__ == "__main__":
    packed(*sys.argv[2:4]) if sys.argv[1] == "packed" else plain(*sys.argv[1:3])
