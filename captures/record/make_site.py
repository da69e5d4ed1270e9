#!/usr/bin/env python3
"""Writes the small web site that the HTTP recordings fetch.

Makes:  DIR/index.html, style.css, print.css, app.js, img/loom.png, img/shuttle.png, img/warp.png, font.woff2, data/threads.json,
        api/1.json … api/6.json. The pictures are real PNG files and the texts are readable; font.woff2 has the signature of one and
        random bytes after it. Every run writes the same bytes and the same modification times.
Needs:  nothing outside the standard library.

    make_site.py DIR
"""
import json
import os
import random
import struct
import sys
import zlib

dice = random.Random(9113)
WORDS = ("warp weft shuttle loom thread pattern heddle reed bobbin selvedge twill satin tabby treadle harness beam "
         "spool yarn fibre cloth weave frame stream window header table byte packet segment").split()


def words(count):
    return " ".join(dice.choice(WORDS) for _ in range(count))


def png(width, height, noise):
    """A woven picture, RGB, eight bits a channel."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            over = (x // 6 + y // 6) % 2
            shade = 40 if (x % 6 in (0, 5) if over else y % 6 in (0, 5)) else 0
            base = (196, 120, 64) if over else (52, 92, 140)
            rows += bytes(max(0, c - shade + dice.randrange(noise + 1)) & 255 for c in base)
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b"")


def css(size):
    out = "/* Wireloom example style */\n:root { --warp: #345c8c; --weft: #c47840; }\n"
    number = 0
    while len(out) < size:
        number += 1
        a, b = dice.choice(WORDS), dice.choice(WORDS)
        out += (f".{a}-{b}-{number} {{\n  margin: {dice.randrange(24)}px {dice.randrange(24)}px;\n"
                f"  color: var(--{dice.choice(['warp', 'weft'])});\n  border-left: {dice.randrange(1, 5)}px solid #{dice.randrange(1 << 24):06x};\n}}\n")
    return out


def script(size):
    out = "// Wireloom example script\n'use strict';\nconst loom = new Map();\n"
    number = 0
    while len(out) < size:
        number += 1
        a, b = dice.choice(WORDS), dice.choice(WORDS)
        out += (f"export function {a}{b.title()}{number}(threads) {{\n  // {words(8)}\n"
                f"  loom.set('{a}-{number}', threads.map((thread) => thread * {dice.randrange(2, 99)}));\n  return loom.get('{b}-{number}');\n}}\n")
    return out


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>The loom</title>
<link rel="stylesheet" href="/style.css">
<link rel="stylesheet" href="/print.css">
<script src="/app.js"></script>
</head>
<body>
<h1>The loom</h1>
<p>{text}</p>
<img src="/img/loom.png" alt="a loom">
<img src="/img/shuttle.png" alt="a shuttle">
<img src="/img/warp.png" alt="a warp">
</body>
</html>
"""


def main():
    root = sys.argv[1]
    files = {
        "index.html": PAGE.format(text=words(300)),
        "style.css": css(24_000),
        "print.css": css(6_000),
        "app.js": script(60_000),
        "img/loom.png": png(200, 170, 24),
        "img/shuttle.png": png(110, 80, 20),
        "img/warp.png": png(80, 80, 12),
        "font.woff2": b"wOF2" + dice.randbytes(40_000),
        "data/threads.json": json.dumps([{"id": n, "name": words(3), "length_m": dice.randrange(900)} for n in range(400)], indent=1),
    }
    for n in range(1, 7):
        files[f"api/{n}.json"] = json.dumps({"id": n, "name": words(2), "note": words(40)})
    for name, body in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(body if isinstance(body, bytes) else body.encode())
        os.chmod(path, 0o644)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    for folder, _, _ in os.walk(root):
        os.chmod(folder, 0o755)


main()
