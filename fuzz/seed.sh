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
