#!/usr/bin/env python3
"""A gRPC service that sends back every shape of protobuf field, and a client that fills them.

Needs:  pip install grpcio grpcio-tools.

    grpc_shapes.py serve ADDRESS          until it is told to stop, a minute at most
    grpc_shapes.py tour ADDRESS DIARY     the calls of grpc-shapes.pcapng; what the client was told goes to the file DIARY
"""
import datetime
import math
import sys
from concurrent import futures

import grpc
from google.protobuf import empty_pb2

import grpc_stubs

legacy, _, shapes, shapes_grpc = grpc_stubs.load("legacy", "shapes")


class Shapes(shapes_grpc.ShapesServicer):
    def Echo(self, request, context):
        return request

    def EchoLegacy(self, request, context):
        return request

    def Nothing(self, request, context):
        return request


def scalars(double, small, large, unsigned_small, unsigned_large, truth, text, raw):
    return shapes.Scalars(
        double_value=double, float_value=double if not math.isfinite(double) else float(f"{double:.3g}") if abs(double) < 1e38 else 3.4028234663852886e38,
        int32_value=small, int64_value=large, uint32_value=unsigned_small, uint64_value=unsigned_large, sint32_value=small, sint64_value=large,
        fixed32_value=unsigned_small, fixed64_value=unsigned_large, sfixed32_value=small, sfixed64_value=large,
        bool_value=truth, string_value=text, bytes_value=raw)


USUAL = scalars(3.25, 150, 1_700_000_000_000, 86_942, 10_000_000_000, True, "Alice", b"\x89PNG\r\n")
LARGEST = scalars(1.7976931348623157e308, 2**31 - 1, 2**63 - 1, 2**32 - 1, 2**64 - 1, True, "Ünïcödé, 織機, \N{SPOOL OF THREAD}", bytes(range(256)))
SMALLEST = scalars(-5e-324, -(2**31), -(2**63), 1, 1, False, "\0 and \x7f", b"\xff\xfe")
ODD = scalars(math.nan, -1, -1, 0, 0, False, " ", b"\x08\x2a")
ENDLESS = scalars(-math.inf, 0, 1, 128, 16_384, True, "a" * 200, b"")


def tree(depth, width):
    return shapes.Tree(name=f"branch {depth}", branches=[tree(depth - 1, width) for _ in range(width)] if depth else [])


def messages():
    yield shapes.Everything(label="nothing else")
    yield shapes.Everything()
    for name, values in (("usual", USUAL), ("largest", LARGEST), ("smallest", SMALLEST), ("odd", ODD), ("endless", ENDLESS)):
        yield shapes.Everything(label=name, scalars=values)
    many = shapes.Repeated(
        doubles=[0.5, -0.0, 1e100], floats=[0.1, 2.0, math.inf], int32s=[0, 1, 127, 128, 300, -1], sint64s=[0, -1, 1, -2, 2**40], fixed32s=[1, 0xDEADBEEF],
        bools=[True, False, True], weaves=[1, 2, 0, -1], strings=["warp", "", "weft"], blobs=[b"", b"\0", b"\xc3\x28"], messages=[USUAL, shapes.Scalars(), ODD],
        unpacked=[3, 270, 86942])
    yield shapes.Everything(label="repeated", repeated=many)
    maps = shapes.Maps(words={"one": "eins", "two": "zwei", "": ""}, numbers={1: 0.5, -1: -2.0, 0: 0.0}, weaves={True: 1, False: 2},
                       blobs={2**64 - 1: b"last", 7: b"\x07"})
    maps.trees[-5].CopyFrom(tree(1, 2))
    maps.trees[5].CopyFrom(shapes.Tree(name="bare"))
    yield shapes.Everything(label="maps", maps=maps)
    yield shapes.Everything(label="tree", tree=tree(3, 2))
    yield shapes.Everything(label="deep", tree=tree(40, 1))
    for presence in (shapes.Presence(maybe_number=0, maybe_text="", maybe_weave=0), shapes.Presence(number=0), shapes.Presence(text="chosen"),
                     shapes.Presence(tree=tree(1, 1)), shapes.Presence(raw=b"\x01\x02"), shapes.Presence(nothing=empty_pb2.Empty()), shapes.Presence(maybe_weave=77)):
        yield shapes.Everything(label="presence", presence=presence)
    known = shapes.WellKnown(empty=empty_pb2.Empty())
    known.when.FromDatetime(datetime.datetime(2024, 2, 29, 12, 30, 45, 678901))
    known.how_long.FromTimedelta(datetime.timedelta(seconds=-90, milliseconds=-250))
    known.anything.Pack(tree(1, 1))
    known.settings.update({"name": "loom", "on": True, "threads": 12, "nothing": None, "list": [1, "two", [3]], "inner": {"deep": {"er": -0.5}}})
    known.value.string_value = "a value by itself"
    known.list.extend([1.5, "two", None, False])
    known.mask.FromJsonString("label,scalars.int32Value")
    known.double_box.value, known.int64_box.value, known.uint32_box.value, known.bool_box.value = 2.5, -42, 0, True
    known.string_box.value, known.bytes_box.value = "boxed", b"\x00\x01"
    yield shapes.Everything(label="well known", well_known=known)
    early = shapes.WellKnown()
    early.when.FromJsonString("0001-01-01T00:00:00Z")
    early.how_long.FromJsonString("315576000000.000000001s")
    early.anything.Pack(known)
    yield shapes.Everything(label="well known, extremes", well_known=early)
    yield shapes.Everything(label="enums and tags", weave=shapes.REVERSED, side=shapes.RIGHT, two_byte_tag=1, renamed="by another name", last_number=2**64 - 1)
    yield shapes.Everything(label="all", scalars=USUAL, repeated=many, maps=maps, tree=tree(2, 2), presence=shapes.Presence(text="x"), well_known=known,
                            weave=shapes.TWILL, side=shapes.RIGHT, two_byte_tag=300, renamed="r", last_number=1)


def records():
    yield legacy.Record(id=0)
    yield legacy.Record(id=-7, title="untitled", weight=1.5, kind=legacy.Record.CLOTH)
    full = legacy.Record(id=12, title="Herringbone", weight=0.75, kind=legacy.Record.YARN, marks=[1, 2, 300], packed_marks=[1, 2, 300])
    full.thread.add(colour="red", twist=-3)
    full.thread.add(colour="blue")
    full.edge.selvedge = True
    full.Extensions[legacy.weaver] = "Anni"
    full.Extensions[legacy.Origin.origin].country = "BE"
    full.Extensions[legacy.lots].extend([1, 2**40])
    yield full


def serve(address):
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    shapes_grpc.add_ShapesServicer_to_server(Shapes(), server)
    server.add_insecure_port(address)
    server.start()
    server.wait_for_termination(timeout=60)


def tour(address, diary):
    diary = grpc_stubs.Diary(diary)
    with grpc.insecure_channel(address, options=[("grpc.default_authority", "shapes.loom.example")]) as channel:
        stub = shapes_grpc.ShapesStub(channel)
        for message in messages():
            assert diary.unary(stub, "Echo", message, timeout=5) is not None
        for record in records():
            assert diary.unary(stub, "EchoLegacy", record, timeout=5) is not None
        diary.unary(stub, "Nothing", empty_pb2.Empty())
    diary.save()


if __name__ == "__main__":
    serve(sys.argv[2]) if sys.argv[1] == "serve" else tour(*sys.argv[2:4])
