#!/usr/bin/env python3
"""Makes messages.jsonl: messages whose truth is known, for the tests of the protobuf decoder.

Needs Python's protobuf and grpcio-tools. Values come from a seeded generator, bytes from Python's own encoder. Each line
is one message:

  type    its full name
  hex     its bytes
  json    Python's reading of those bytes, with enums by name, bytes in hex, floats as bits, map keys as text and 64-bit numbers as numbers
  fields  the truth about every LEN field: [path, [first, end) of its content, what it is]; a path is the numbers of the
          fields around it and its own. What it is: message, string, bytes, packed varint, packed 32, packed 64
"""

import json
import math
import pathlib
import random
import sys
import tempfile

import grpc_tools
from google.protobuf import any_pb2, duration_pb2, struct_pb2, timestamp_pb2
from grpc_tools import protoc

from python_reading import contents, reading

here = pathlib.Path(__file__).resolve().parent
out = tempfile.mkdtemp()
google = str(pathlib.Path(grpc_tools.__file__).parent / "_proto")
for name in ["truth.proto", "truth2.proto"]:
    assert protoc.main(["protoc", f"-I{here}", f"-I{google}", f"--python_out={out}", name]) == 0
sys.path.insert(0, out)
import truth2_pb2 as truth2
import truth_pb2 as truth

rng = random.Random(20261121)

WORDS = """Alice Bob alice@example.com admin user viewer Bern Lisbon Kyoto Baker Street 221b GET /v1/users hello
world the quick brown fox jumps over a lazy dog invoice 2026-11-21 order-4711 https://example.com/a?b=c&d=1 OK error
not found retry later {"a":1} x y id""".split(" ")
PHRASES = [
    "Grüße aus Zürich", "Ça va très bien, merci", "Привет, как дела?", "Καλημέρα κόσμε", "مرحبا بالعالم", "שלום עולם",
    "नमस्ते दुनिया", "你好，世界", "こんにちは世界", "안녕하세요 세계", "สวัสดีชาวโลก", "Zażółć gęślą jaźń", "🎉 shipped 🚀",
    "naïve café", "Đà Nẵng, Việt Nam", "first line\nsecond line\n\tindented", "São Paulo",
]


def text():
    kind = rng.random()
    if kind < 0.25:
        return rng.choice(PHRASES)
    if kind < 0.5:
        return rng.choice(WORDS).strip()
    if kind < 0.6:
        return "".join(rng.choice("0123456789abcdef") for _ in range(rng.choice([8, 16, 32])))
    if kind < 0.65:
        return rng.choice("abcxyzABC019")
    return " ".join(rng.choice(WORDS).strip() for _ in range(rng.randint(2, 12)))


def blob():
    kind = rng.random()
    if kind < 0.5:
        return rng.randbytes(rng.choice([4, 8, 16, 20, 32]))
    if kind < 0.7:
        return rng.randbytes(rng.randint(1, 200))
    if kind < 0.8:
        return b"\x89PNG\r\n\x1a\n" + rng.randbytes(rng.randint(8, 64))
    if kind < 0.9:
        return b"\x1f\x8b\x08\x00" + rng.randbytes(rng.randint(20, 80))
    return bytes([0x30, 0x82]) + rng.randbytes(30)


def whole(bits, signed):
    size = rng.randint(1, bits)
    value = rng.getrandbits(size)
    if signed:
        value = min(value, (1 << (bits - 1)) - 1)
        if rng.random() < 0.25:
            value = -value
    return value


def real():
    return rng.choice([
        rng.uniform(0, 1), rng.gauss(20, 5), round(rng.uniform(0, 1000), 2), float(rng.randint(0, 100)),
        rng.uniform(-180, 180),
    ])


def address():
    made = truth.Address(street=text(), city=text(), country=rng.choice(["CH", "PT", "JP", "DE"]))
    if rng.random() < 0.7:
        made.zip_code = str(rng.randint(1000, 99999))
    return made


def scalars():
    made = truth.Scalars(
        double_value=real(), float_value=real(), int32_value=whole(32, True), int64_value=whole(64, True),
        uint32_value=whole(32, False), uint64_value=whole(64, False), sint32_value=whole(32, True),
        sint64_value=whole(64, True), fixed32_value=whole(32, False), fixed64_value=whole(64, False),
        sfixed32_value=whole(32, True), sfixed64_value=whole(64, True), bool_value=rng.random() < 0.5,
        string_value=text(), bytes_value=blob(), colour=rng.choice([0, 1, 2, 7, -1, 99]))
    if rng.random() < 0.5:
        made.optional_int32 = rng.choice([0, 5])
        made.optional_string = rng.choice(["", "x", text()])
    choice = rng.randint(0, 3)
    if choice == 1:
        made.choice_text = text()
    elif choice == 2:
        made.choice_number = whole(64, True)
    elif choice == 3:
        made.choice_address.CopyFrom(address())
    if rng.random() < 0.1:
        made.double_value = rng.choice([math.inf, -math.inf, math.nan])
    return made


def some(make, most):
    return [make() for _ in range(rng.randint(0, most))]


def lists():
    start = 1_700_000_000_000_000_000
    return truth.Lists(
        small=some(lambda: rng.randint(0, 100), 12), large=some(lambda: whole(60, True), 8),
        ids=some(lambda: rng.randint(10_000, 99_999), 10), changes=some(lambda: rng.randint(-50, 50), 16),
        flags=some(lambda: rng.random() < 0.5, 10), colours=some(lambda: rng.choice([0, 1, 2, 7]), 8),
        hashes=some(lambda: rng.getrandbits(32), 6),
        times_ns=[start + i * 1_000_000 + rng.randint(0, 999_999) for i in range(rng.randint(0, 8))],
        offsets=some(lambda: rng.randint(-1000, 1000), 6), samples=some(real, 12), measures=some(real, 12),
        words=some(text, 5), blobs=some(blob, 4), addresses=some(address, 3),
        one_by_one=some(lambda: rng.randint(0, 1000), 4))


def user(depth=0):
    first = rng.choice(["Alice", "Bob", "Chloé", "Дмитрий", "美咲", "Eve"])
    made = truth.User(
        id=rng.randint(1, 100_000), name=first, email=f"{rng.choice('abcde')}{rng.randint(1, 999)}@example.com",
        roles=rng.sample(["admin", "user", "viewer", "billing"], rng.randint(0, 3)),
        status=rng.choice([1, 1, 1, 2]), avatar_hash=rng.randbytes(20))
    if rng.random() < 0.8:
        made.address.CopyFrom(address())
    for _ in range(rng.randint(0, 3)):
        made.labels[rng.choice(["team", "region", "tier", "env"])] = rng.choice(["a", "eu-west-1", "gold", text()])
    if depth < 2 and rng.random() < 0.5:
        made.manager.CopyFrom(user(depth + 1))
    return made


def maps():
    made = truth.Maps()
    for _ in range(rng.randint(0, 4)):
        made.counts[text()] = rng.randint(-5, 1000)
        made.names[whole(40, True)] = text()
        made.places[rng.choice(["home", "work", "other"])].CopyFrom(address())
        made.keys[rng.randint(0, 1000)] = blob()
        made.colours[rng.choice(WORDS).strip()] = rng.choice([0, 1, 2])
    if rng.random() < 0.5:
        made.weights[True] = real()
        made.weights[False] = 0.0
    return made


def well_known():
    made = truth.WellKnown(
        at=timestamp_pb2.Timestamp(seconds=rng.randint(-10**9, 2 * 10**9), nanos=rng.choice([0, 5 * 10**8, 1234, 999999999])),
        took=duration_pb2.Duration(seconds=rng.randint(0, 100), nanos=rng.choice([0, 250_000_000])))
    detail = any_pb2.Any()
    detail.Pack(rng.choice([address(), duration_pb2.Duration(seconds=5), user(2)]))
    made.detail.CopyFrom(detail)
    made.settings.update({"name": text(), "on": True, "size": 1.5, "none": None, "list": [1, "two", {"three": 3}]})
    made.value.CopyFrom(struct_pb2.Value(number_value=float(rng.randint(0, 9))))
    made.text.value = rng.choice(["", text()])
    made.number.value = rng.choice([0, whole(64, True)])
    if rng.random() < 0.5:
        made.truth.value = rng.random() < 0.5
        made.real.value = real()
    return made


def node(depth=0):
    made = truth.Node(label=text(), weight=rng.randint(-3, 300))
    if depth < 4:
        made.children.extend(node(depth + 1) for _ in range(rng.choice([0, 1, 1, 2] if depth else [1, 2])))
    if rng.random() < 0.5:
        made.span.CopyFrom(truth.Span(
            start_ns=1_700_000_000_000_000_000 + rng.randint(0, 10**12), length_ns=rng.randint(0, 10**8),
            trace_id=rng.randbytes(16), span_id=rng.randbytes(8)))
    return made


def old():
    made = truth2.Old(id=rng.randint(0, 1000), numbers=some(lambda: rng.randint(-3, 99), 4), reals=some(real, 5))
    if rng.random() < 0.5:
        made.name = text()
    if rng.random() < 0.6:
        made.point.x, made.point.y = real(), real()
    for _ in range(rng.randint(0, 3)):
        made.item.add(what=text(), count=rng.randint(-99, 99))
    if rng.random() < 0.5:
        made.level = rng.choice([1, 2])
        made.Extensions[truth2.nick] = text()
        made.Extensions[truth2.extra].add(raw=blob(), on=True)
    return made


EXTENSIONS = {("truth2.Old", 100): truth2.nick, ("truth2.Old", 101): truth2.extra}
KINDS = [(scalars, 60), (lists, 40), (user, 50), (maps, 25), (well_known, 25), (node, 25), (old, 30)]

with open(here / "messages.jsonl", "w", encoding="utf-8") as file:
    for make, count in KINDS:
        for _ in range(count):
            message = make()
            data = message.SerializeToString(deterministic=True)
            again = type(message).FromString(data)
            row = {
                "type": message.DESCRIPTOR.full_name,
                "hex": data.hex(),
                "json": reading(again),
                "fields": contents(message.DESCRIPTOR, data, 0, len(data), [], EXTENSIONS)[0],
            }
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
