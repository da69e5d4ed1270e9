#!/usr/bin/env python3
"""Both ends of a conversation that breaks fourteen rules of HTTP/2, one after the other.

Client and server go through the same list of frames: each sends its own and waits for the other's, so the order on the wire
is that of the list. Neither minds what it gets. `facts` writes the page of facts: which frame breaks which rule, and what
tshark says about each.

Needs:  Python 3; tshark for the facts.
Makes:  traffic for the recording fourteen-breaks, and captures/fourteen-breaks.facts.json.

    fourteen_breaks.py server PORT
    fourteen_breaks.py client HOST PORT
    fourteen_breaks.py facts CAPTURE
"""
import collections
import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE = range(9)
END_STREAM, ACK, END_HEADERS = 1, 1, 4


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def fields(*pairs):
    """A header block of literals without indexing and without Huffman code."""
    block = b""
    for name, value in pairs:
        block += b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
    return block


def request(method, path, *more):
    return fields((":method", method), (":scheme", "http"), (":authority", "loom.example"), (":path", path), *more)


def setting(number, value):
    return struct.pack(">HI", number, value)


MAX_CONCURRENT_STREAMS, ENABLE_PUSH, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 3, 2, 4, 5

# Who sends it, the frame, and the rule that it breaks.
TALK = [
    ("client", frame(SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, 16)), None),
    ("server", frame(SETTINGS, 0, 0, setting(MAX_CONCURRENT_STREAMS, 100) + setting(ENABLE_PUSH, 1)), "enable-push-from-server"),
    ("server", frame(SETTINGS, ACK, 0), None),
    ("client", frame(SETTINGS, ACK, 0, setting(MAX_FRAME_SIZE, 16384)), "settings-ack-with-payload"),
    ("client", frame(HEADERS, END_HEADERS, 1, request("POST", "/upload", ("content-length", "10"))), None),
    ("client", frame(DATA, END_STREAM, 1, b"four"), "content-length-mismatch"),
    ("server", frame(HEADERS, END_HEADERS, 1, fields((":status", "200"), ("connection", "close"))), "connection-specific-field"),
    ("server", frame(DATA, END_STREAM, 1, b"done"), None),
    ("server", frame(DATA, 0, 1, b"and more"), "frame-after-end-stream"),
    ("client", frame(HEADERS, END_HEADERS | END_STREAM, 5, request("GET", "/", ("X-Loom", "1"))), "field-name-uppercase"),
    ("client", frame(HEADERS, END_HEADERS | END_STREAM, 3, request("GET", "/late")), "stream-id-not-increasing"),
    ("client", frame(WINDOW_UPDATE, 0, 9, struct.pack(">I", 100)), "frame-on-idle-stream"),
    ("client", frame(PRIORITY, 0, 5, struct.pack(">IB", 5, 15)), "priority-self-dependency"),
    ("server", frame(WINDOW_UPDATE, 0, 5, struct.pack(">I", 0)), "window-update-zero"),
    ("server", frame(HEADERS, END_HEADERS, 5, fields((":status", "200"))), None),
    ("server", frame(DATA, END_STREAM, 5, b"more than sixteen bytes"), "window-exceeded"),
    ("client", frame(PING, 0, 0, b"short"), "frame-length-wrong"),
    ("server", frame(GOAWAY, 0, 0, struct.pack(">II", 5, 0)), None),
    ("server", frame(GOAWAY, 0, 0, struct.pack(">II", 7, 0)), "goaway-last-stream-rises"),
    ("server", frame(HEADERS, END_HEADERS | END_STREAM, 3, b"\x88\xbe"), "hpack-index-out-of-range"),
]


def receive(wire, count):
    while count:
        count -= len(wire.recv(count) or sys.exit("the other side went away"))


def speak(wire, side):
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if side == "client":
        wire.sendall(PREFACE)
    else:
        receive(wire, len(PREFACE))
    for sender, data, _ in TALK:
        if sender == side:
            wire.sendall(data)
            time.sleep(0.02)  # one packet for each frame
        else:
            receive(wire, len(data))
    wire.close()


NAMES = ["DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE"]


def facts(path):
    version = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    read = ["tshark", "-n", "-r", path, "-d", "tcp.port==8080,http2"]
    lines = subprocess.run(read + ["-T", "fields", "-e", "frame.number"], capture_output=True, text=True, check=True).stdout.split()
    experts = subprocess.run(read + ["-Y", "http2 && _ws.expert", "-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message"],
                             capture_output=True, text=True, check=True).stdout
    page = {
        "capture": os.path.basename(path),
        "bytes": os.path.getsize(path),
        "sha256": hashlib.sha256(open(path, "rb").read()).hexdigest(),
        "recorded_with": ["fourteen_breaks.py", "dumpcap"],
        "tshark_decode_as": ["tcp.port==8080,http2"],
        "well_behaved": False,
        "packets": len(lines),
        "connections": 1,
        "frames": {"total": len(TALK), "by_type": dict(sorted(collections.Counter(NAMES[data[3]] for _, data, _ in TALK).items()))},
        "breaks": [{"frame": number, "direction": side, "rule": rule} for number, (side, _, rule) in enumerate(TALK) if rule],
        "tshark": {"version": version, "expert_messages": [
            {"packet": int(line.split("\t")[0]), "message": line.split("\t")[1]} for line in experts.splitlines()]},
    }
    with open(path.rsplit(".", 1)[0] + ".facts.json", "w", encoding="utf-8") as file:
        json.dump(page, file, indent=1)
        file.write("\n")


def main():
    what = sys.argv[1]
    if what == "server":
        with socket.create_server(("", int(sys.argv[2]))) as listening:
            speak(listening.accept()[0], "server")
    elif what == "client":
        speak(socket.create_connection((sys.argv[2], int(sys.argv[3])), timeout=10), "client")
    else:
        facts(sys.argv[2])


if __name__ == "__main__":
    main()
