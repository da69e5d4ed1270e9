#!/usr/bin/env python3
"""gRPC messages of a megabyte, plain and compressed, and small ones with every compression that Python's gRPC has.

Needs:  pip install grpcio grpcio-tools.

    grpc_large.py serve ADDRESS          until it is told to stop, a minute at most
    grpc_large.py tour ADDRESS DIARY     what the client was told goes to the file DIARY
"""
import sys
from concurrent import futures

import grpc

import grpc_stubs

users, users_grpc = grpc_stubs.load("user_service")
PACKINGS = {"gzip": grpc.Compression.Gzip, "deflate": grpc.Compression.Deflate, "identity": grpc.Compression.NoCompression}
MEGABYTE = 1 << 20


def cloth(size):
    """Bytes that repeat with small changes, so that the recording packs well."""
    rows = b"".join(b"row %06d: " % number + b"over under " * 9 for number in range(size // 110 + 1))
    return rows[:size]


class UserService(users_grpc.UserServiceServicer):
    def UploadUserPhotos(self, pieces, context):
        sizes = [len(piece.chunk) for piece in pieces]
        return users.UploadResult(photos=len(sizes), bytes_received=sum(sizes))

    def ListUsers(self, request, context):
        if request.page_token in PACKINGS:
            context.set_compression(PACKINGS[request.page_token])
        for number in range(request.page_size):
            yield users.User(id=number, name=f"user {number}", roles=["user", "reader", "writer"] * 10)
        if request.page_token == "large":
            yield users.User(id=42, name="Alice", email=cloth(MEGABYTE).decode())


def serve(address):
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), compression=grpc.Compression.NoCompression)
    users_grpc.add_UserServiceServicer_to_server(UserService(), server)
    server.add_insecure_port(address)
    server.start()
    server.wait_for_termination(timeout=60)


def tour(address, path):
    diary = grpc_stubs.Diary(path)

    def upload(stub, *sizes, **more):
        entry = diary.begin("/users.UserService/UploadUserPhotos", 20)
        _, call = stub.UploadUserPhotos.with_call((users.PhotoUpload(user_id=42, file_name="cloth.txt", chunk=cloth(size)) for size in sizes), timeout=20, **more)
        diary.end(entry, call, 1)

    with grpc.insecure_channel(address, options=[("grpc.default_authority", "users.loom.example")]) as channel:
        stub = users_grpc.UserServiceStub(channel)
        for name, packing in PACKINGS.items():
            diary.stream(stub, "ListUsers", users.ListUsersRequest(page_size=3, page_token=name), timeout=5, compression=packing)
        upload(stub, 5_000, 0, 70_000, compression=grpc.Compression.Deflate)
        # A megabyte in one message: first packed, then plain.
        upload(stub, MEGABYTE, compression=grpc.Compression.Gzip)
        upload(stub, MEGABYTE)
        # A megabyte as an answer, behind two small ones, while a second call passes by.
        large = stub.ListUsers(users.ListUsersRequest(page_size=2, page_token="large"), timeout=20)
        entry = diary.begin("/users.UserService/ListUsers", 20)
        next(large)
        diary.stream(stub, "ListUsers", users.ListUsersRequest(page_size=1), timeout=5)
        rest = list(large)
        diary.end(entry, large, 1 + len(rest))
        # Many small messages in one go: several of them share a DATA frame.
        diary.stream(stub, "ListUsers", users.ListUsersRequest(page_size=60), timeout=5)
    diary.save()


if __name__ == "__main__":
    serve(sys.argv[2]) if sys.argv[1] == "serve" else tour(*sys.argv[2:4])
