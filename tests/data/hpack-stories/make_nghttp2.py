#!/usr/bin/env python3
"""Writes what nghttp2 says about each story, step by step: `inflatehd -d` as a second opinion on every table.

The stories of `make.py` (written by Python's `hpack`) go through `inflatehd -d` as they are. Three more are written by nghttp2's
own encoder: `deflatehd` for two of them, and the library itself for one whose table changes its size in between, which
`deflatehd` cannot do. All of them end as inflatehd/NAME.json: for each block its bytes, its fields, and nghttp2's table.

Needs:  nghttp2 1.52 or later with its HPACK tools (src/deflatehd and src/inflatehd of a build with jansson), and libnghttp2.so.14.

    make_nghttp2.py FOLDER_OF_THE_TOOLS
"""
import ctypes
import json
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
TOOLS = pathlib.Path(sys.argv[1])


def run(tool, cases, *options):
    text = json.dumps({"cases": cases})
    done = subprocess.run([TOOLS / tool, *options], input=text, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)["cases"]


def inflate(name, description, blocks):
    """`blocks`: pairs of the wire in hex and the size that SETTINGS allows from there on, or None."""
    cases = [{"wire": wire} if size is None else {"wire": wire, "header_table_size": size} for wire, size in blocks]
    seen = run("inflatehd", cases, "-d")
    assert len(seen) == len(blocks), f"{name}: inflatehd gave up"
    lines = [json.dumps({
        "wire": wire,
        "settings": size,
        "headers": [list(field.items())[0] for field in case["headers"]],
        "size": case["header_table"]["size"],
        "max_size": case["header_table"]["max_size"],
        "entries": [[entry["name"], entry["value"]] for entry in case["header_table"]["entries"]],
    }, ensure_ascii=False) for (wire, size), case in zip(blocks, seen)]
    text = "{\n" + f'"description": {json.dumps(description)},\n"cases": [\n' + ",\n".join(lines) + "\n]}\n"
    (HERE / "inflatehd" / f"{name}.json").write_text(text, encoding="utf-8")


def requests(seed, count):
    rng = random.Random(seed)
    for number in range(count):
        fields = [(":method", rng.choice(["GET", "POST"])), (":scheme", "https"), (":authority", rng.choice(["loom.example", "cdn.loom.example"])),
                  (":path", rng.choice(["/", f"/thread/{number}", "/style.css"])), ("user-agent", "loom/1.0"),
                  ("accept-encoding", "gzip, deflate, br"), ("x-request", f"{rng.randrange(1 << 32):08x}")]
        if rng.random() < 0.5:
            fields.append(("cookie", f"session={rng.randrange(1 << 64):016x}"))
        if rng.random() < 0.3:
            fields.append(("authorization", f"Bearer {rng.randrange(1 << 96):x}"))
        if rng.random() < 0.2:
            fields.append(("x-large", "w" * rng.randrange(200, 1500)))
        yield fields


def deflatehd(seed, count, *options):
    cases = [{"headers": [{name: value} for name, value in fields]} for fields in requests(seed, count)]
    return [case["wire"] for case in run("deflatehd", cases, *options)]


class Field(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("value", ctypes.c_char_p), ("namelen", ctypes.c_size_t), ("valuelen", ctypes.c_size_t),
                ("flags", ctypes.c_uint8)]


def library(seed, count, sizes):
    """Encodes with the library; `sizes` maps a block's number to the sizes that SETTINGS name before it."""
    nghttp2 = ctypes.CDLL("libnghttp2.so.14")
    deflater = ctypes.c_void_p()
    assert nghttp2.nghttp2_hd_deflate_new(ctypes.byref(deflater), ctypes.c_size_t(65536)) == 0
    for number, fields in enumerate(requests(seed, count)):
        for size in sizes.get(number, []):
            assert nghttp2.nghttp2_hd_deflate_change_table_size(deflater, ctypes.c_size_t(size)) == 0
        array = (Field * len(fields))(*[Field(n.encode(), v.encode(), len(n), len(v), 0) for n, v in fields])
        buffer = ctypes.create_string_buffer(1 << 16)
        written = nghttp2.nghttp2_hd_deflate_hd(deflater, buffer, ctypes.c_size_t(len(buffer)), array, ctypes.c_size_t(len(fields)))
        assert written > 0
        yield buffer.raw[:written].hex()
    nghttp2.nghttp2_hd_deflate_del(deflater)


(HERE / "inflatehd").mkdir(exist_ok=True)
for path in sorted(HERE.glob("*.json")):
    story = json.loads(path.read_text(encoding="utf-8"))
    wires = [case["wire"] for case in story["cases"]]
    # Python's story with another table begins with that size on both sides; nghttp2's tool has to be told.
    first = None if story["table_size"] == 4096 else story["table_size"]
    if first is None:
        inflate(path.stem, story["description"], [(wire, None) for wire in wires])
inflate("nghttp2-requests", "Requests by deflatehd with its default table.", [(wire, None) for wire in deflatehd(11, 16)])
inflate("nghttp2-256-bytes", "Requests by deflatehd with a table of 256 bytes, which it announces in its first block.",
        [(wire, 256 if number == 0 else None) for number, wire in enumerate(deflatehd(12, 16, "-s", "256"))])
SIZES = {0: [8192], 3: [128], 5: [0, 1024], 8: [64, 4096], 11: [0], 12: [2000], 14: [100, 50, 3000]}
inflate("nghttp2-changing-table", "Requests by libnghttp2 while SETTINGS change the table's size, at times twice or thrice before a block.",
        [(wire, SIZES[number][-1] if number in SIZES else None) for number, wire in enumerate(library(13, 18, SIZES))])
