#!/usr/bin/env python3
"""gRPC connections that grow old and are left, and calls that are made again.

Needs:  pip install grpcio grpcio-tools.

    grpc_retries.py serve ADDRESS          until it is told to stop, a minute at most
    grpc_retries.py tour ADDRESS DIARY     what the client was told goes to the file DIARY
"""
import json
import sys
import time
from concurrent import futures

import grpc

import grpc_stubs

users, users_grpc = grpc_stubs.load("user_service")


class UserService(users_grpc.UserServiceServicer):
    def __init__(self):
        self.asked = {}

    def GetUser(self, request, context):
        count = self.asked[request.user_id] = self.asked.get(request.user_id, 0) + 1
        if count <= request.user_id // 10:  # 20 fails twice, 10 once, 90 always
            context.set_trailing_metadata((("grpc-retry-pushback-ms", "60"),) if count == 2 else ())
            context.abort(grpc.StatusCode.UNAVAILABLE, f"not yet ({count})")
        return users.GetUserResponse(user=users.User(id=request.user_id, name=f"asked {count} times"))

    def ListUsers(self, request, context):
        for number in range(request.page_size):
            yield users.User(id=number)
            time.sleep(0.25)

    def UploadUserPhotos(self, pieces, context):
        return users.UploadResult(photos=len(list(pieces)))


def serve(address):
    # Connections live for 1.2 s and have four more for the calls that run.
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=[
        ("grpc.max_connection_age_ms", 1200), ("grpc.max_connection_age_grace_ms", 4000), ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 300), ("grpc.http2.max_ping_strikes", 2), ("grpc.http2.min_recv_ping_interval_without_data_ms", 200)])
    users_grpc.add_UserServiceServicer_to_server(UserService(), server)
    server.add_insecure_port(address)
    server.start()
    server.wait_for_termination(timeout=60)


def tour(address, path):
    diary = grpc_stubs.Diary(path)
    policy = {"methodConfig": [{"name": [{"service": "users.UserService"}], "retryPolicy": {
        "maxAttempts": 4, "initialBackoff": "0.05s", "maxBackoff": "0.2s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}
    options = [("grpc.default_authority", "users.loom.example"), ("grpc.enable_retries", 1), ("grpc.service_config", json.dumps(policy))]
    with grpc.insecure_channel(address, options=options) as channel:
        stub = users_grpc.UserServiceStub(channel)
        for number in (1, 10, 20, 90):
            diary.unary(stub, "GetUser", users.GetUserRequest(user_id=number), timeout=5)
        # Runs over the connection's end of life: GOAWAY, but this one is let finish while the next opens a new connection.
        entry = diary.begin("/users.UserService/ListUsers", 5)
        long = stub.ListUsers(users.ListUsersRequest(page_size=6), timeout=5)
        next(long)
        time.sleep(0.9)
        diary.unary(stub, "GetUser", users.GetUserRequest(user_id=2), timeout=5)
        diary.end(entry, long, 1 + len(list(long)))
    diary.save()


if __name__ == "__main__":
    serve(sys.argv[2]) if sys.argv[1] == "serve" else tour(*sys.argv[2:4])
