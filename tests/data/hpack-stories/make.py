#!/usr/bin/env python3
"""Writes the HPACK stories beside this file, with Python's `hpack` as the sender.

    pip install hpack==4.2.0 && python3 make.py

A story is what one side of a connection sends: for each header block its bytes, the fields that
went in, the limit that SETTINGS allows, and the sender's dynamic table afterwards, newest first.
Everything is drawn from fixed seeds, so running it again changes nothing.
"""

import json
import pathlib
import random

from hpack import Encoder, NeverIndexedHeaderTuple

HERE = pathlib.Path(__file__).parent


def story(name, description, blocks, table_size=4096):
    """Encodes `blocks`, each a list of sizes to change to, fields, and whether to use Huffman code."""
    encoder = Encoder()
    if table_size != 4096:
        # Agreed on before the first block, so that no size update is sent.
        encoder.header_table.maxsize = table_size
        encoder.header_table.resized = False
    cases = []
    for number, (sizes, fields, huffman) in enumerate(blocks):
        for size in sizes:
            encoder.header_table_size = size
        wire = encoder.encode(fields, huffman=huffman)
        entries = encoder.header_table.dynamic_entries
        cases.append({
            "seqno": number,
            "wire": wire.hex(),
            "headers": [list(field) for field in fields],
            "table": {
                "max_size": encoder.header_table.maxsize,
                "size": sum(len(n) + len(v) + 32 for n, v in entries),
                "entries": [[n.decode(), v.decode()] for n, v in entries],
            },
        })
    text = "{\n" + f'"description": {json.dumps(description)},\n"table_size": {table_size},\n"cases": [\n'
    text += ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]}\n"
    (HERE / f"{name}.json").write_text(text, encoding="utf-8")


def request(rng, number):
    fields = [
        (":method", rng.choice(["GET", "GET", "GET", "POST"])),
        (":scheme", "https"),
        (":authority", rng.choice(["www.example.com", "static.example.com", "api.example.org"])),
        (":path", rng.choice(["/", "/index.html", "/style.css", f"/item/{number}?page={rng.randrange(9)}"])),
        ("accept", rng.choice(["*/*", "text/html", "image/avif,image/webp,*/*;q=0.8"])),
        ("accept-charset", "utf-8"),
        ("user-agent", "loom/1.0 (stories)"),
    ]
    if rng.random() < 0.6:
        fields.append(("cookie", f"session={rng.randrange(1 << 64):016x}; theme=dark"))
    if rng.random() < 0.3:
        fields.append(NeverIndexedHeaderTuple("authorization", f"Bearer {rng.randrange(1 << 96):x}"))
    if rng.random() < 0.2:
        fields.append(("x-note", rng.choice(["grüße", "日本語", "", "a" * 300])))
    return fields


def response(rng, number):
    return [
        (":status", rng.choice(["200", "200", "200", "304", "404", "302", "201"])),
        ("content-type", rng.choice(["text/html; charset=utf-8", "text/css", "application/grpc"])),
        ("content-length", str(rng.randrange(1_000_000))),
        ("date", f"Mon, 21 Oct 2013 20:13:{number % 60:02} GMT"),
        ("cache-control", rng.choice(["private", "no-cache", "max-age=3600"])),
        ("etag", f'"{rng.randrange(1 << 48):012x}"'),
        ("set-cookie", f"id={rng.randrange(1 << 40):x}; Path=/; HttpOnly"),
        ("server", "stories"),
    ][: rng.randrange(4, 9)]


def blocks(seed, count, make, huffman=lambda rng: True, sizes=lambda rng, number: []):
    rng = random.Random(seed)
    return [(sizes(rng, n), make(rng, n), huffman(rng)) for n in range(count)]


story("requests", "Requests with the default table.", blocks(1, 20, request))
story("responses-plain", "Responses without Huffman code.", blocks(2, 20, response, lambda rng: False))
story(
    "responses-256-bytes",
    "Responses on the table of RFC 7541 C.5: nearly every field evicts.",
    blocks(3, 20, response, lambda rng: rng.random() < 0.5),
    table_size=256,
)
story(
    "requests-changing-table",
    "Requests whose sender changes its table size, at times twice between blocks, down to nothing and up again.",
    blocks(
        4,
        24,
        request,
        lambda rng: rng.random() < 0.8,
        lambda rng, number: rng.sample([0, 64, 200, 500, 1000, 2048, 4096], rng.choice([0, 0, 1, 2])) if number else [],
    ),
)
