#!/usr/bin/env python3
"""A small gRPC server with `UserService` and `Greeter`, and a client that makes a fixed list of calls.

Makes:  traffic for the gRPC recordings. The stubs are made from captures/proto into a folder that is removed.
Needs:  pip install grpcio grpcio-tools.

    grpc_users.py serve ADDRESS               until it is told to stop
    grpc_users.py tour ADDRESS                every kind of call once: the capture grpc-user-service
    grpc_users.py keep-asking ADDRESS COUNT   many calls on one connection, slowly: the capture mid-connection
"""
import os
import random
import subprocess
import sys
import tempfile
import time
from concurrent import futures

import grpc

PROTO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "proto")
stubs = tempfile.TemporaryDirectory()
subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", f"--python_out={stubs.name}", f"--grpc_python_out={stubs.name}",
                "user_service.proto", "greeter.proto"], check=True)
sys.path.insert(0, stubs.name)
import greeter_pb2 as greeter
import greeter_pb2_grpc as greeter_grpc
import user_service_pb2 as users
import user_service_pb2_grpc as users_grpc


def user(number, name, roles=("user",), status=users.User.ACTIVE):
    return users.User(id=number, name=name, email=f"{name.lower()}@example.com", roles=roles, status=status)


ALICE = user(42, "Alice", ("admin", "user"))
EVERYBODY = [
    ALICE,
    users.User(id=43, name="Bob", email="bob@example.com", roles=["user"], status=users.User.INACTIVE,
               address=users.Address(street="1 Weaver Lane", city="Ghent", country="BE", zip_code="9000")),
    user(44, "Carol"), user(45, "Dave"),
    user(46, "Erin", ("auditor", "user")),
    # Large and repetitive enough that a compressed message is smaller than a plain one.
    user(47, "Frank", [f"{what}:{thing}" for thing in ("users", "photos", "chats", "looms") for what in ("read", "write", "delete", "audit")]),
]


class UserService(users_grpc.UserServiceServicer):
    def GetUser(self, request, context):
        for known in EVERYBODY:
            if known.id == request.user_id:
                context.send_initial_metadata((("server-node", "loom-1"),))
                return users.GetUserResponse(user=known)
        context.abort(grpc.StatusCode.NOT_FOUND, f"no user has the id {request.user_id}")

    def ListUsers(self, request, context):
        if request.page_token == "packed":
            context.set_compression(grpc.Compression.Gzip)
        for known in EVERYBODY[:request.page_size]:
            if not context.is_active():
                return
            yield known
            time.sleep(0.3 if request.page_token == "slow" else 0.03)

    def UploadUserPhotos(self, pieces, context):
        names, size = set(), 0
        for piece in pieces:
            names.add(piece.file_name)
            size += len(piece.chunk)
        context.set_trailing_metadata((("checksum-bin", bytes([0, 1, 254, 255])),))
        return users.UploadResult(photos=len(names), bytes_received=size)

    def Chat(self, messages, context):
        for message in messages:
            yield users.ChatMessage(**{"from": "loom"}, text=f"You said: {message.text}", sent_at_ms=message.sent_at_ms + 5)


class Greeter(greeter_grpc.GreeterServicer):
    def SayHello(self, request, context):
        return greeter.HelloReply(message=f"Hello, {request.name}!")


def serve(address):
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    users_grpc.add_UserServiceServicer_to_server(UserService(), server)
    greeter_grpc.add_GreeterServicer_to_server(Greeter(), server)
    server.add_insecure_port(address)
    server.start()
    server.wait_for_termination(timeout=60)


def tour(address):
    dice = random.Random(42)
    with grpc.insecure_channel(address, options=[("grpc.default_authority", "users.loom.example")]) as channel:
        stub, hello = users_grpc.UserServiceStub(channel), greeter_grpc.GreeterStub(channel)
        token = (("authorization", "Bearer not-a-real-token"),)
        print(hello.SayHello(greeter.HelloRequest(name="Alice")).message)
        print(stub.GetUser(users.GetUserRequest(user_id=42), timeout=0.5, metadata=token).user.name)
        try:
            stub.GetUser(users.GetUserRequest(user_id=7), timeout=0.5, metadata=token)
        except grpc.RpcError as problem:
            print(problem.code(), problem.details())
        print([one.name for one in stub.ListUsers(users.ListUsersRequest(page_size=5), metadata=token)])

        def pieces():
            for name, parts in (("face.png", 3), ("badge.png", 2)):
                for _ in range(parts):
                    yield users.PhotoUpload(user_id=42, file_name=name, chunk=dice.randbytes(3000))
                    time.sleep(0.02)
        print(stub.UploadUserPhotos(pieces(), timeout=5, metadata=token + (("trace-bin", bytes([10, 20, 200, 250])),)).bytes_received)

        def talk():
            for number, text in enumerate(("Is the loom warm?", "Shall we weave?", "Good night.")):
                yield users.ChatMessage(**{"from": "Alice"}, text=text, sent_at_ms=1_700_000_000_000 + number)
                time.sleep(0.05)
        # While the chat is open, another call goes past it on the same connection.
        chat = stub.Chat(talk(), metadata=token)
        print(next(chat).text)
        print(stub.GetUser(users.GetUserRequest(user_id=43), timeout=0.5, metadata=token).user.address.city)
        print([one.text for one in chat])
        print(len(list(stub.ListUsers(users.ListUsersRequest(page_size=6, page_token="packed"), metadata=token))), "users, packed")
        try:
            for one in stub.ListUsers(users.ListUsersRequest(page_size=5, page_token="slow"), timeout=0.45, metadata=token):
                print("slowly", one.name)
        except grpc.RpcError as problem:
            print(problem.code(), problem.details())
        time.sleep(0.2)


def keep_asking(address, count):
    with grpc.insecure_channel(address, options=[("grpc.default_authority", "users.loom.example")]) as channel:
        stub = users_grpc.UserServiceStub(channel)
        for number in range(count):
            metadata = (("authorization", "Bearer not-a-real-token"), ("request-number", str(number // 4)))
            try:
                stub.GetUser(users.GetUserRequest(user_id=42 + number % 7), timeout=1, metadata=metadata)
            except grpc.RpcError:
                pass  # 48 is nobody: NOT_FOUND
            if number % 5 == 4:
                list(stub.ListUsers(users.ListUsersRequest(page_size=3), metadata=metadata))
            time.sleep(0.05)


if __name__ == "__main__":
    job, where = sys.argv[1:3]
    if job == "serve":
        serve(where)
    elif job == "tour":
        tour(where)
    else:
        keep_asking(where, int(sys.argv[3]))
