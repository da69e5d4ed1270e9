#!/usr/bin/env python3
"""gRPC calls that end otherwise than well: every status code, rich details, deadlines, cancelling, a server that goes away.

Needs:  pip install grpcio grpcio-tools grpcio-status googleapis-common-protos.

    grpc_errors.py serve ADDRESS          until it is told to stop, a minute at most
    grpc_errors.py tour ADDRESS DIARY     what the client was told goes to the file DIARY
"""
import sys
import threading
import time
from concurrent import futures

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2 as kinds
from google.rpc import status_pb2
from grpc_status import rpc_status

import grpc_stubs

users, users_grpc = grpc_stubs.load("user_service")
leave = threading.Event()

DETAILS = [
    kinds.ErrorInfo(reason="QUOTA", domain="users.loom.example", metadata={"limit": "10", "unit": "looms"}),
    kinds.RetryInfo(retry_delay=duration_pb2.Duration(seconds=2, nanos=500_000_000)),
    kinds.QuotaFailure(violations=[kinds.QuotaFailure.Violation(subject="user:42", description="ten looms at most")]),
    kinds.BadRequest(field_violations=[kinds.BadRequest.FieldViolation(field="user_id", description="must not be negative"),
                                       kinds.BadRequest.FieldViolation(field="page_size", description="1 to 100")]),
    kinds.PreconditionFailure(violations=[kinds.PreconditionFailure.Violation(type="TOS", subject="user:42", description="not accepted")]),
    kinds.ResourceInfo(resource_type="users.User", resource_name="42", owner="Alice", description="is locked"),
    kinds.RequestInfo(request_id="4bf92f3577b34da6", serving_data="loom-1"),
    kinds.DebugInfo(stack_entries=["weave()", "main()"], detail="a thread broke"),
    kinds.Help(links=[kinds.Help.Link(description="What to do", url="https://loom.example/help")]),
    kinds.LocalizedMessage(locale="de", message="Zu viele Webstühle"),
    users.Address(street="1 Weaver Lane", city="Ghent"),  # a type of this service, which google.rpc does not know
]


class UserService(users_grpc.UserServiceServicer):
    def GetUser(self, request, context):
        number = request.user_id
        if number <= 16:
            code = next(code for code in grpc.StatusCode if code.value[0] == number)
            if number == 0:
                return users.GetUserResponse(user=users.User(id=0, name="Nobody"))
            context.set_trailing_metadata((("failed-by", "loom-1"), ("failure-bin", bytes([number, 0, 255]))))
            context.abort(code, "" if number == 2 else f"{code.name.lower()} \N{EM DASH} 100% on purpose,\nsecond line")
        if number == 100:
            rich = status_pb2.Status(code=8, message="too many looms")
            for detail in DETAILS:
                packed = any_pb2.Any()
                if isinstance(detail, users.Address):
                    packed.type_url, packed.value = "type.googleapis.com/users.Address", detail.SerializeToString()
                else:
                    packed.Pack(detail)
                rich.details.append(packed)
            context.abort_with_status(rpc_status.to_status(rich))
        if number == 101:
            time.sleep(0.4)  # longer than the caller waits
            return users.GetUserResponse()
        if number == 102:
            raise RuntimeError("a mistake in the server")
        if number == 103:
            return users.GetUserResponse(user=users.User(id=103, email="e" * 6000))  # more than the client takes
        leave.set()
        time.sleep(0.5)
        return users.GetUserResponse(user=users.User(id=number, name="Last"))

    def ListUsers(self, request, context):
        for number in range(request.page_size):
            yield users.User(id=number, name=f"user {number}")
            time.sleep(0.05)
        if request.page_token == "breaks":
            rich = status_pb2.Status(code=15, message="the list is torn")
            rich.details.add().Pack(kinds.ErrorInfo(reason="TORN", domain="users.loom.example"))
            context.abort_with_status(rpc_status.to_status(rich))

    def UploadUserPhotos(self, pieces, context):
        next(pieces)
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "enough")  # while the client still sends


def serve(address):
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    users_grpc.add_UserServiceServicer_to_server(UserService(), server)
    server.add_insecure_port(address)
    server.start()
    if leave.wait(60):
        time.sleep(0.15)
        server.stop(grace=3).wait()  # GOAWAY; the call that runs may end
    else:
        server.stop(0)


def tour(address, path):
    diary = grpc_stubs.Diary(path)
    options = [("grpc.default_authority", "users.loom.example"), ("grpc.max_receive_message_length", 4096), ("grpc.enable_retries", 0)]
    with grpc.insecure_channel(address, options=options) as channel:
        stub = users_grpc.UserServiceStub(channel)
        for number in range(17):
            diary.unary(stub, "GetUser", users.GetUserRequest(user_id=number), timeout=3)
        diary.unary(stub, "GetUser", users.GetUserRequest(user_id=100), timeout=3, metadata=(("x-request-id", "with details"),))
        diary.unary(stub, "GetUser", users.GetUserRequest(user_id=102), timeout=3)
        diary.unary(stub, "GetUser", users.GetUserRequest(user_id=103), timeout=3)
        diary.unary(stub, "GetUser", users.GetUserRequest(user_id=101), timeout=0.2)  # the deadline passes before any answer
        diary.stream(stub, "ListUsers", users.ListUsersRequest(page_size=2, page_token="breaks"), timeout=3)
        diary.stream(stub, "ListUsers", users.ListUsersRequest(page_size=9), timeout=0.18)  # … and between answers
        diary.stream(stub, "ListUsers", users.ListUsersRequest(page_size=9), timeout=3, stop_after=3)

        def pieces():
            for _ in range(20):
                yield users.PhotoUpload(user_id=42, file_name="face.png", chunk=bytes(500))
                time.sleep(0.02)
        entry = diary.begin("/users.UserService/UploadUserPhotos", 3)
        call = stub.UploadUserPhotos.future(pieces(), timeout=3)
        call.exception()
        diary.end(entry, call, 0)
        # A method that the server lacks, and a service that it lacks.
        for name in ("/users.UserService/DeleteUser", "/users.Nobody/Nothing"):
            entry = diary.begin(name, 3)
            try:
                channel.unary_unary(name)(b"", timeout=3)
            except grpc.RpcError as problem:
                diary.end(entry, problem, 0)
        entry = diary.begin("/users.UserService/Chat", 3)
        chat = stub.Chat(iter([users.ChatMessage(text="Is anybody there?")]), timeout=3)
        try:
            list(chat)
        except grpc.RpcError:
            pass
        diary.end(entry, chat, 0)
        # The server leaves while this one runs: GOAWAY, and the answer still comes.
        diary.unary(stub, "GetUser", users.GetUserRequest(user_id=200), timeout=3)
    diary.save()


if __name__ == "__main__":
    serve(sys.argv[2]) if sys.argv[1] == "serve" else tour(*sys.argv[2:4])
