#!/usr/bin/env python3
"""A gRPC server that tells its own schema, and a client that learns it from there and calls with it.

Needs:  pip install grpcio grpcio-tools grpcio-reflection.

    grpc_reflect.py serve ADDRESS          until it is told to stop, a minute at most
    grpc_reflect.py tour ADDRESS DIARY     what the client was told goes to the file DIARY
"""
import sys
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

import grpc_stubs


def serve(address):
    users, users_grpc, shop, shop_grpc = grpc_stubs.load("user_service", "shop")

    class UserService(users_grpc.UserServiceServicer):
        def GetUser(self, request, context):
            return users.GetUserResponse(user=users.User(id=request.user_id, name="Alice", roles=["admin", "user"], status=users.User.ACTIVE,
                                                         address=users.Address(city="Ghent", zip_code="9000")))

    class Orders(shop_grpc.OrdersServicer):
        def Place(self, request, context):
            reply = shop.PlaceReply(order_id=f"order for {request.customer}", total_cents=sum(499 * line.count for line in request.lines))
            reply.placed_at.FromJsonString("2024-02-29T12:30:45.5Z")
            return reply

        def Follow(self, request, context):
            for number, what in enumerate(("packed", "sent", "delivered")):
                event = shop.OrderEvent(what=what)
                event.after.FromMilliseconds(1500 * number)
                yield event

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    users_grpc.add_UserServiceServicer_to_server(UserService(), server)
    shop_grpc.add_OrdersServicer_to_server(Orders(), server)
    names = [users.DESCRIPTOR.services_by_name["UserService"].full_name, shop.DESCRIPTOR.services_by_name["Orders"].full_name, reflection.SERVICE_NAME]
    reflection.enable_server_reflection(names, server)
    server.add_insecure_port(address)
    server.start()
    server.wait_for_termination(timeout=60)


def tour(address, path):
    diary = grpc_stubs.Diary(path)
    ask = reflection_pb2.ServerReflectionRequest
    with grpc.insecure_channel(address, options=[("grpc.default_authority", "loom.example")]) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        questions = [ask(list_services=""), ask(file_containing_symbol="users.UserService"), ask(file_containing_symbol="shop.Orders"),
                     ask(file_by_filename="google/protobuf/timestamp.proto"), ask(file_by_filename="google/protobuf/duration.proto"),
                     ask(file_containing_symbol="users.Nobody")]
        entry = diary.begin("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
        call = stub.ServerReflectionInfo(iter(questions))
        answers = list(call)
        diary.end(entry, call, len(answers))
        files = {}
        for answer in answers:
            for raw in answer.file_descriptor_response.file_descriptor_proto:
                file = descriptor_pb2.FileDescriptorProto.FromString(raw)
                files[file.name] = file
        pool = descriptor_pool.DescriptorPool()

        def add(name):
            file = files.pop(name, None)
            if file is not None:
                for needed in file.dependency:
                    add(needed)
                pool.AddSerializedFile(file.SerializeToString())
        for name in list(files):
            add(name)

        def call_it(service, method, **fields):
            """Calls with nothing but what reflection told."""
            found = pool.FindServiceByName(service).methods_by_name[method]
            question = message_factory.GetMessageClass(found.input_type)
            answer = message_factory.GetMessageClass(found.output_type)
            make = channel.unary_stream if found.server_streaming else channel.unary_unary
            multi = make(f"/{service}/{method}", request_serializer=question.SerializeToString, response_deserializer=answer.FromString)
            entry = diary.begin(f"/{service}/{method}", 5)
            if found.server_streaming:
                call = multi(question(**fields), timeout=5)
                diary.end(entry, call, len(list(call)))
            else:
                _, call = multi.with_call(question(**fields), timeout=5)
                diary.end(entry, call, 1)
        call_it("users.UserService", "GetUser", user_id=42)
        line = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Line"))
        call_it("shop.Orders", "Place", customer="Alice", lines=[line(article="yarn", count=3), line(article="shuttle", count=1)])
        call_it("shop.Orders", "Follow", order_id="order for Alice")
    diary.save()


if __name__ == "__main__":
    serve(sys.argv[2]) if sys.argv[1] == "serve" else tour(*sys.argv[2:4])
