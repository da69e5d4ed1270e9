#!/bin/sh
# Fills the corpora of the fuzz targets from the captures that ship with the program.
# Needs gzip, zstd and python3; without zstd that corpus is smaller.
set -eu
cd "$(dirname "$0")"
mkdir -p corpus/capture corpus/dissect corpus/unpack corpus/link corpus/protobuf
for file in ../captures/*.pcap ../captures/*.pcapng; do
    name=$(basename "$file")
    # Small inputs are mutated fastest.
    head -c 20000 "$file" >"corpus/capture/$name"
    cp "corpus/capture/$name" "corpus/dissect/$name"
    gzip -c "corpus/capture/$name" >"corpus/unpack/$name.gz"
    if command -v zstd >/dev/null; then zstd -qfo "corpus/unpack/$name.zst" "corpus/capture/$name"; fi
done
# Packets of pcapng files (enhanced packet blocks, little endian), each with its link type in front.
python3 - ../captures/*.pcapng <<'PYTHON'
import struct, sys
for path in sys.argv[1:]:
    data, at, links, count = open(path, "rb").read(), 0, [], 0
    while at + 12 <= len(data) and count < 40:
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 1:
            links.append(data[at + 8:at + 10])
        elif kind == 6:
            interface, _, _, captured = struct.unpack_from("<IIII", data, at + 8)
            name = path.split("/")[-1].split(".")[0]
            with open(f"corpus/link/{name}-{count}", "wb") as out:
                out.write(links[interface] + data[at + 28:at + 28 + captured])
            count += 1
        at += length
PYTHON
# Messages, and a descriptor set where protoc is there to write one.
python3 - ../tests/data/protobuf/messages.jsonl <<'PYTHON'
import json, pathlib, sys
folder = pathlib.Path("corpus/protobuf")
folder.mkdir(parents=True, exist_ok=True)
for number, line in enumerate(open(sys.argv[1], encoding="utf-8")):
    (folder / f"message-{number}").write_bytes(bytes.fromhex(json.loads(line)["hex"]))
PYTHON
python3 -m grpc_tools.protoc -I../tests/data/protobuf --descriptor_set_out=corpus/protobuf/descriptors truth2.proto 2>/dev/null || true
# Schemas: each file behind a byte that says what it is (0: descriptor set, 1: one file as reflection tells it, 2: text,
# 3: text of an edition without its first line) and two with its length.
python3 - ../captures/proto ../tests/data/protobuf ../assets/protobuf <<'PYTHON'
import pathlib, re, struct, sys
out = pathlib.Path("corpus/schemas")
out.mkdir(parents=True, exist_ok=True)
piece = lambda kind, content: struct.pack("<BH", kind, len(content)) + content
def files(described):
    """The files of a descriptor set: its length-delimited fields with number 1."""
    at = 0
    while at < len(described) and described[at] == 0x0A:
        length, shift, at = 0, 0, at + 1
        while True:
            length |= (described[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if not described[at - 1] & 0x80:
                break
        yield described[at:at + length]
        at += length
texts = [path for folder in sys.argv[1:] for path in sorted(pathlib.Path(folder).rglob("*.proto"))]
for path in texts:
    content = path.read_bytes()[:20_000]
    edition = re.sub(rb'edition\s*=\s*"\d+"\s*;', b"", content)
    (out / ("text-" + "-".join(path.parts[-3:]))).write_bytes(piece(2, content) if edition == content else piece(3, edition))
for path in sorted(pathlib.Path("../tests/data/protobuf").glob("*.binpb")):
    described = path.read_bytes()
    (out / f"set-{path.name}").write_bytes(piece(0, described))
    (out / f"told-{path.name}").write_bytes(b"".join(piece(1, file) for file in files(described))[:60_000])
PYTHON
