#!/usr/bin/env python3
"""Makes unseen.proto and unseen.jsonl: services that were made up at random, for the score of readings without a schema.

Nothing of the program was tuned on them. The schemas are drawn field by field from what fields of services mostly are, and the
values from what such fields mostly hold. Each line is one message as make.py has them: `type`, `hex`, `json` and `fields`.

    make_unseen.py [SEED [NAME]]     the seed is 4711 and the name `unseen`, if not told
"""

import base64
import json
import pathlib
import random
import sys
import tempfile
import uuid

import grpc_tools
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor as F
from grpc_tools import protoc

from python_reading import contents, reading, repeated

here = pathlib.Path(__file__).resolve().parent
seed = int(sys.argv[1]) if len(sys.argv) > 1 else 4711
name = sys.argv[2] if len(sys.argv) > 2 else "unseen"
rng = random.Random(seed)

NOUNS = """vehicle trip sensor reading ledger entry cart product tensor layer pod node route hop ticket comment artist track patient
visit parcel depot bid auction match player lesson quiz cluster shard alert policy""".split()
PEOPLE = """Mariam Olufemi Ngozi Søren Zoë Jürgen Håkan Łukasz Siobhán Renée Tomás Aiko Wei Priya Fatima Ivan Björk Chinonso Mehmet
Anaïs O'Connor 김민준 田中太郎 Ольга Γιώργος محمد""".split()
PLACES = "Reykjavík Lagos Córdoba Tbilisi Osaka Hyderabad Göteborg Montréal Nairobi Valparaíso Ulaanbaatar Wrocław Perth".split()
SENTENCES = [
    "Delivery was late again, please call me back.", "The left wheel squeaks when it rains", "upstream connect error or disconnect/reset before headers",
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)", "Works as described. Would buy again!", "see ticket #18233",
    "SELECT id, total FROM orders WHERE total > 100 ORDER BY id", "Il pleut des cordes aujourd'hui", "Wir melden uns morgen früh.", "ok", "n/a", "👍",
    "panic: runtime error: index out of range [3] with length 3", "2 x espresso, 1 x croissant", "مرحبا، كيف يمكنني المساعدة؟", "会議は午後三時に始まります",
]
KEYS = "env version region owner cost-centre app.kubernetes.io/name tier zone x-request-id content-type locale theme retries".split()


def identifier():
    return rng.choice([
        lambda: str(uuid.UUID(int=rng.getrandbits(128), version=4)), lambda: f"{rng.choice(NOUNS)}-{rng.randint(1, 99999)}",
        lambda: f"{rng.choice(NOUNS)}_{rng.getrandbits(48):012x}", lambda: "".join(rng.choice("ABCDEFGHJKMNPQRSTVWXYZ0123456789") for _ in range(26)),
        lambda: str(rng.randint(1000, 10**12)), lambda: base64.urlsafe_b64encode(rng.randbytes(12)).decode(),
    ])


def always(make):
    """A field that holds what `make` makes."""
    return lambda: make


def one_of(*makes):
    """A field that holds one kind of value, always the same."""
    return lambda: rng.choice(makes)


def blob(*sizes):
    return lambda: rng.randbytes(rng.choice(sizes))


def clock():
    """Times near each other in one unit."""
    unit = rng.choice([1, 10**3, 10**6, 10**9])
    start = rng.randint(1_600_000_000, 1_790_000_000)
    return lambda: (start + rng.randint(0, 10**6)) * unit + rng.randint(0, unit - 1)


def small_number():
    top = rng.choice([3, 10, 100, 5000])
    return lambda: rng.randint(0, top)


def large_number():
    bits = rng.choice([16, 24, 31])
    return lambda: rng.getrandbits(rng.randint(1, bits))


def signed_number():
    top = rng.choice([5, 90, 40000])
    return lambda: rng.randint(-top, top)


def real():
    middle, spread, digits = rng.choice([0, 1, 22.5, 47.4, 1000, -122.4]), rng.choice([0.01, 1, 30, 500]), rng.choice([1, 2, 6, 17])
    return lambda: round(rng.gauss(middle, spread), digits)


def code():
    codes = rng.choice([["DE", "JP", "NG", "BR"], ["EUR", "USD", "NGN"], ["A", "B", "C"], ["en-GB", "pt-BR", "de"], ["GET", "POST"], ["v1", "v2"], ["v1.30.2", "v1.31.0"]])
    return lambda: rng.choice(codes)


def web():
    return lambda: rng.choice(["https://cdn.example.net/i/%d.webp", "/var/log/app/%d.log", "s3://bucket/%d", "user%d@example.org", "10.0.%d.7", "+4930%d"]) % rng.randint(1, 999)


def structured():
    return lambda: rng.choice([json.dumps({"k": rng.randint(0, 9), "v": rng.choice(PLACES)}), "a=1;b=2", "<p>hi</p>", "0.5,1.5,2.5", f"{rng.randint(1, 28):02}.03.2026"])


def sometimes_empty(make):
    def of():
        inner = make()
        return lambda: "" if rng.random() < 0.4 else inner()
    return of


def packet():
    """What other programs put into bytes: pictures, packed data, hashes, addresses, keys."""
    return rng.choice([
        lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + rng.randbytes(rng.randint(10, 60)), blob(16), blob(32), blob(20), blob(4), blob(12),
        lambda: bytes([10, rng.randint(0, 255), rng.randint(0, 255), rng.randint(1, 254)]), lambda: b"\x28\xb5\x2f\xfd" + rng.randbytes(rng.randint(12, 50)),
        lambda: rng.randbytes(rng.randint(1, 24)), lambda: bytes(rng.choice([0, 0, 0, 1, 255]) for _ in range(rng.randint(8, 40))),
        lambda: rng.randbytes(rng.randint(100, 180)), lambda: b"\x04" + rng.randbytes(64),
    ])


# What a field may be: how often, its type in the schema, and a maker of makers of values. `[]` before a type is a list.
FIELDS = [
    (10, "string", identifier), (8, "string", one_of(lambda: rng.choice(PEOPLE), lambda: f"{rng.choice(PEOPLE)} {rng.choice(PEOPLE)}")),
    (5, "string", one_of(lambda: rng.choice(PLACES))), (6, "string", one_of(lambda: rng.choice(SENTENCES))), (4, "string", code), (4, "string", web),
    (2, "string", structured), (3, "optional string", sometimes_empty(one_of(lambda: rng.choice(SENTENCES)))), (1, "string", always(lambda: rng.choice("xyzab"))),
    (5, "int64", large_number), (4, "int64", clock), (4, "int32", small_number), (2, "uint32", large_number), (2, "sint32", signed_number), (1, "int32", signed_number),
    (4, "bool", always(lambda: rng.random() < 0.5)), (5, "ENUM", small_number), (4, "double", real), (3, "float", real), (1, "fixed64", clock),
    (1, "fixed32", large_number), (1, "sfixed64", signed_number), (5, "bytes", packet),
    (2, "[]string", code), (2, "[]string", identifier), (1, "[]string", sometimes_empty(code)), (1, "[]bytes", packet),
    (2, "[]int64", large_number), (2, "[]int32", small_number), (1, "[]int64", clock), (1, "[]sint64", signed_number), (1, "[]bool", always(lambda: rng.random() < 0.3)),
    (1, "[]ENUM", small_number), (2, "[]float", real), (2, "[]double", real), (1, "[]fixed32", always(lambda: rng.getrandbits(32))), (1, "[]fixed64", clock),
    (8, "MESSAGE", None), (6, "[]MESSAGE", None), (4, "TIME", None), (2, "map<string, string>", one_of(lambda: rng.choice(PLACES), lambda: rng.choice(SENTENCES))),
    (1, "map<string, int64>", large_number), (1, "map<string, double>", real), (1, "map<int32, string>", one_of(lambda: rng.choice(PEOPLE))), (1, "map<string, MESSAGE>", None),
]
MAKERS = {}
EMPTY = {}
text = ['syntax = "proto3";', f"package {name};", 'import "google/protobuf/timestamp.proto";']


def message(full_name, depth):
    """Makes up a message type: its lines, and how its fields' values are made."""
    lines, inner, number = [], [], 0
    for index in range(rng.choice([1, 2, 3, 3, 4, 5, 6, 8, 11] if depth else [3, 4, 5, 6, 8, 10, 14])):
        number += rng.choice([1, 1, 1, 1, 1, 1, 2, 4, 15, 90]) if index else 1
        _, kind, make = rng.choices(FIELDS, [weight for weight, *_ in FIELDS])[0]
        if "MESSAGE" in kind and depth >= 3:
            kind, make = "string", identifier
        own = f"f{number}"
        if "MESSAGE" in kind:
            inner += message(f"{full_name}.M{number}", depth + 1)
            kind = kind.replace("MESSAGE", f"M{number}")
        elif "ENUM" in kind:
            top = rng.randint(2, 9)
            values = " ".join(f"{own.upper()}_{value} = {value};" for value in range(top + 1))
            inner.append(f"enum E{number} {{ {values} }}")
            kind, make = kind.replace("ENUM", f"E{number}"), lambda top=top: lambda: rng.randint(0, top)
        elif kind == "TIME":
            kind = "google.protobuf.Timestamp"
        if make:
            MAKERS[f"{full_name}.{own}"] = make()
        # Some fields are left out at times, some never.
        EMPTY[f"{full_name}.{own}"] = rng.choice([0, 0, 0.1, 0.5])
        lines.append(f"{kind.replace('[]', 'repeated ')} {own} = {number};")
    return [f"message {full_name.rsplit('.', 1)[-1]} {{"] + [f"  {line}" for line in inner + lines] + ["}"]


def fill(made, path):
    for field in made.DESCRIPTOR.fields:
        here_path = f"{path}.{field.name}"
        if rng.random() < EMPTY.get(here_path, 0):
            continue
        make = MAKERS.get(here_path)
        entry = field.message_type
        if entry and entry.GetOptions().map_entry:
            target = getattr(made, field.name)
            for _ in range(rng.choice([0, 1, 2, 3])):
                key = rng.choice(KEYS) if entry.fields_by_name["key"].type == F.TYPE_STRING else rng.randint(1, 60)
                if make:
                    target[key] = make()
                else:
                    fill(target[key], f"{path}.{field.enum_type or entry.fields_by_name['value'].message_type.name}")
        elif entry and entry.full_name == "google.protobuf.Timestamp":
            getattr(made, field.name).seconds = rng.randint(1_690_000_000, 1_790_000_000)
            getattr(made, field.name).nanos = rng.choice([0, rng.randint(0, 999) * 10**6, rng.randint(0, 10**9 - 1)])
        elif entry and repeated(field):
            for _ in range(rng.choice([0, 1, 1, 2, 3])):
                fill(getattr(made, field.name).add(), f"{path}.{entry.name}")
        elif entry:
            inner = getattr(made, field.name)
            inner.SetInParent()
            fill(inner, f"{path}.{entry.name}")
        elif repeated(field):
            getattr(made, field.name).extend(make() for _ in range(rng.choice([0, 1, 2, 3, 5, 8, 13])))
        else:
            setattr(made, field.name, make())


services = []
for number, noun in enumerate(rng.sample(NOUNS, 8)):
    methods = []
    for method in ["Get", "List", "Watch"]:
        for role in ["Request", "Reply"]:
            kind = f"{noun.capitalize()}{method}{role}"
            text += message(kind, 0)
            services.append(kind)
        methods.append(f"  rpc {method}({noun.capitalize()}{method}Request) returns ({noun.capitalize()}{method}Reply);")
    text += [f"service {noun.capitalize()}Service {{"] + methods + ["}"]
(here / f"{name}.proto").write_text("\n".join(text) + "\n", encoding="utf-8")

out = tempfile.mkdtemp()
google = str(pathlib.Path(grpc_tools.__file__).parent / "_proto")
assert protoc.main(["protoc", f"-I{here}", f"-I{google}", f"--python_out={out}", f"{name}.proto"]) == 0
sys.path.insert(0, out)
made_up = __import__(f"{name}_pb2")

with open(here / f"{name}.jsonl", "w", encoding="utf-8") as file:
    for kind in services:
        descriptor = made_up.DESCRIPTOR.message_types_by_name[kind]
        for _ in range(rng.randint(4, 9)):
            made = message_factory.GetMessageClass(descriptor)()
            fill(made, kind)
            data = made.SerializeToString(deterministic=True)
            row = {"type": descriptor.full_name, "hex": data.hex(), "json": reading(made), "fields": contents(descriptor, data, 0, len(data), [], {})[0]}
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
