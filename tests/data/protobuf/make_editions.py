#!/usr/bin/env python3
"""Makes editions.binpb, a descriptor set by protoc, and editions.jsonl: messages of files in editions, with Python's reading.

Needs Python's protobuf and grpcio-tools that know the edition 2024. Each line is one message: `type`, `hex` and `json` as
make.py has them. `json` leaves out what Python treats as an unknown field, such as numbers that a closed enum lacks.
"""

import json
import pathlib
import random
import sys
import tempfile

import grpc_tools
from grpc_tools import protoc

from python_reading import reading

here = pathlib.Path(__file__).resolve().parent
out = tempfile.mkdtemp()
google = str(pathlib.Path(grpc_tools.__file__).parent / "_proto")
names = ["editions.proto", "editions2024.proto"]
arguments = ["protoc", f"-I{here}", f"-I{google}", f"--python_out={out}", f"--descriptor_set_out={here}/editions.binpb"]
assert protoc.main(arguments + names) == 0
sys.path.insert(0, out)
import editions2024_pb2 as newer
import editions_pb2 as editions

rng = random.Random(2023)
WORDS = ["", "Ostrava", "Zürich", "a b", "0", "längere Wörter als sonst", "日本"]


def some(make, most=4):
    return [make() for _ in range(rng.randint(0, most))]


def child(depth=0):
    made = editions.Child(n=rng.choice([0, 1, -1, 300]))
    if rng.random() < 0.5:
        made.level = rng.choice([1, 2])
    if depth < 2:
        made.kids.extend(child(depth + 1) for _ in range(rng.choice([0, 0, 1, 2])))
    return made


def everything():
    made = editions.Everything(required=rng.randint(-5, 500), packed=some(lambda: rng.randint(-2, 400)), expanded=some(lambda: rng.randint(0, 9)),
                               all_levels=some(lambda: rng.choice([1, 2])), opens=some(lambda: rng.choice([0, 1, 7])),
                               implicit=rng.choice([0, 5]), open=rng.choice([0, 1, 9]), many=some(child, 2))
    for name, value in [("explicit", rng.choice([0, 7])), ("text", rng.choice(WORDS)), ("unchecked", rng.choice(WORDS)), ("level", 2), ("ratio", 0.0)]:
        if rng.random() < 0.5:
            setattr(made, name, value)
    for name in ["delimited", "prefixed"]:
        if rng.random() < 0.6:
            getattr(made, name).CopyFrom(child())
    for _ in range(rng.randint(0, 2)):
        made.children[rng.choice(WORDS)].CopyFrom(child())
        made.levels[rng.choice(WORDS)] = rng.choice([1, 2])
    which = rng.randint(0, 2)
    if which == 1:
        made.this = 0
    elif which == 2:
        made.that.CopyFrom(child())
    if rng.random() < 0.5:
        made.inner.one_by_one.extend(some(lambda: rng.getrandbits(40)))
        made.inner.together.extend(some(lambda: rng.randint(-9, 9)))
        made.inner.kind = rng.choice([0, 1, 5])
        made.Extensions[editions.more].CopyFrom(child())
        made.Extensions[editions.more_levels].extend([1, 2, 1])
    return made


def whole():
    part = newer.DESCRIPTOR.message_types_by_name["Whole"].fields_by_name["part"].message_type._concrete_class
    made = newer.Whole(id=rng.choice([0, 42]), name=rng.choice(WORDS), numbers=some(lambda: rng.randint(0, 999)), packed=some(rng.random),
                       state=rng.choice([0, 1, 4]))
    for _ in range(rng.randint(0, 3)):
        made.parts.add(label=rng.choice(WORDS), on=rng.random() < 0.5)
        made.by_number[rng.randint(0, 9)].CopyFrom(part(label=rng.choice(WORDS)))
    if rng.random() < 0.5:
        made.part.on = True
        made.child.CopyFrom(child())
        made.prefixed.CopyFrom(child())
        made.told = 0
    return made


# Bytes that these schemas would not write: numbers that closed enums lack, lists in the other form.
ODD = [
    "1801" + "7805",  # level: 5
    "1801" + "82010401020501",  # all_levels: 1, 2, 5, 1, packed
    "1801" + "8001018001088001" + "02",  # all_levels one by one: 1, 8, 2
    "1801" + "62050a01611001" + "62050a01621009",  # levels: a: LOW, b: 9
    "1801" + "200120022a020304",  # packed one by one, expanded packed
    "1801" + "9001ffffffffffffffffff01" + "8a01020007",  # open: -1; opens: 0, 7
    "1801" + "a3060801100ba406" + "aa06020103",  # more: level 11; more_levels: 1, 3
    "1801" + "7a02" + "0801",  # level as LEN: another wire type
]

with open(here / "editions.jsonl", "w", encoding="utf-8") as file:
    def write(kind, data):
        row = {"type": kind.DESCRIPTOR.full_name, "hex": data.hex(), "json": reading(kind.FromString(data))}
        file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")

    for make, count in [(everything, 60), (whole, 30)]:
        for _ in range(count):
            made = make()
            write(type(made), made.SerializeToString(deterministic=True))
    for text in ODD:
        write(editions.Everything, bytes.fromhex(text))
