#!/usr/bin/env python3
"""Writes NAME.facts.json beside each capture: what a correct reading must find in it.

The numbers come from tshark; `second_reader.py` reads the same file by other means, and every difference is printed and must be
explained in NOTES below before it is believed. Wireloom itself is never asked. `captures/README.md` defines each key.

Makes:  captures/NAME.facts.json for the captures named, or for all.
Needs:  Debian: tshark; pip install hyperframe hpack; and the recording programs, only to ask for their versions.

    facts.py [CAPTURE…]
"""
import collections
import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as tree

import second_reader
from second_reader import UNKNOWN, new_stream, note_fields, type_name

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.environ.get("CAPTURES_DIR", os.path.dirname(HERE))

# Capture → (server port, programs that made it, which reader is believed about frames, notes).
TABLE = {
    "downloads.pcapng": (8080, ["nghttp", "nghttpd", "dumpcap"], "tshark", []),
    "priorities.pcapng": (8080, ["nghttp", "nghttpd", "dumpcap"], "tshark", []),
    "push.pcap": (8080, ["nghttp", "nghttpd", "tcpdump"], "tshark", []),
    "grpc-user-service.pcapng": (50051, ["grpcio", "dumpcap"], "tshark", []),
}
VERSION = {
    "nghttp": ["nghttp", "--version"], "nghttpd": ["nghttpd", "--version"], "h2load": ["h2load", "--version"],
    "nginx": ["nginx", "-v"], "curl": ["curl", "--version"], "dumpcap": ["dumpcap", "--version"], "tcpdump": ["tcpdump", "--version"],
    "tshark": ["tshark", "--version"],
    "grpcio": [sys.executable, "-c", "import grpc; print('grpcio', grpc.__version__)"],
    "h2": [sys.executable, "-c", "import h2; print('h2', h2.__version__)"],
}


def version_of(program):
    if program not in VERSION:
        return program
    done = subprocess.run(VERSION[program], capture_output=True, text=True)
    for line in (done.stdout + done.stderr).splitlines():
        if re.search(r"\d+\.\d+", line):
            found = re.search(r"(\d+\.\d+(\.\d+)*)", line).group(1)
            return f"{program} {found}"
    return program


def tshark(path, port, *rest):
    command = ["tshark", "-n", "-r", path, "-o", "tcp.reassemble_out_of_order:TRUE", "-d", f"tcp.port=={port},http2", *rest]
    return subprocess.run(command, capture_output=True, check=True, timeout=300).stdout


def shown(node, name):
    """The `show` of the first field of this name below the node."""
    for field in node.iter("field"):
        if field.get("name") == name:
            return field.get("show")
    return None


def bytes_of(field):
    return bytes.fromhex(field.get("value") or "")


def tshark_facts(path, port, protocols):
    """The same facts as `second_reader.facts_of`, from tshark's PDML."""
    root = tree.fromstring(tshark(path, port, "-T", "pdml"))
    by_type, directions, streams, packets = collections.Counter(), {"client": 0, "server": 0}, {}, 0
    fields_of, data_bytes, ends = collections.defaultdict(list), {"client": 0, "server": 0}, {}
    grpc = {}
    for packet in root.iter("packet"):
        packets += 1
        tcp = next((p for p in packet.iter("proto") if p.get("name") == "tcp"), None)
        if tcp is None:
            continue
        number = int(shown(tcp, "tcp.stream"))
        network = next(p for p in packet.iter("proto") if p.get("name") in ("ip", "ipv6"))
        ip = network.get("name")
        end = []
        for side in ("src", "dst"):
            address = shown(network, f"{ip}.{side}")
            end.append((f"[{address}]" if ip == "ipv6" else address) + ":" + shown(tcp, f"tcp.{side}port"))
        flags = int(shown(tcp, "tcp.flags"), 16)
        from_client = int(shown(tcp, "tcp.dstport")) == port  # the recording scripts know which port served
        known = ends.setdefault(number, {"client": end[0 if from_client else 1], "server": end[1 if from_client else 0],
                                         "client_known_by": None})
        if flags & 2:
            known["client_known_by"] = "syn"
        direction = "client" if from_client else "server"
        last = None
        for proto in packet.iter("proto"):
            if proto.get("name") == "grpc" and last is not None:
                key = (number, last, direction)
                grpc[key] = grpc.get(key, 0) + sum(f.get("name") == "grpc.message_length" for f in proto.iter("field"))
            if proto.get("name") != "http2":
                continue
            for frame in proto.iter("field"):
                if frame.get("name") == "http2.magic" and known["client_known_by"] is None:
                    known["client_known_by"] = "preface"
                if frame.get("name") != "http2.stream" or shown(frame, "http2.type") is None:
                    continue
                kind = int(shown(frame, "http2.type"))
                stream = int(shown(frame, "http2.streamid"))
                last = stream
                by_type[type_name(kind)] += 1
                directions[direction] += 1
                own = 0
                if kind == 0:
                    own = int(shown(frame, "http2.length"))
                    if int(shown(frame, "http2.flags.padded")):
                        own -= 1 + int(shown(frame, "http2.pad_length"))
                data_bytes[direction] += own
                fields = []
                for header in frame.iter("field"):
                    if header.get("name") == "http2.header":
                        name = next(f for f in header.iter("field") if f.get("name") == "http2.header.name")
                        value = next(f for f in header.iter("field") if f.get("name") == "http2.header.value")
                        fields.append((bytes_of(name), bytes_of(value)))
                fields_of[(number, direction)] += fields
                promised = shown(frame, "http2.push_promise.promised_stream_id") if kind == 5 else None
                if stream:
                    entry = streams.setdefault((number, stream), new_stream(number, stream))
                    entry["frames"] += 1
                    entry[f"data_bytes_{direction}"] += own
                target = int(promised) if promised else stream
                if target:
                    entry = streams.setdefault((number, target), new_stream(number, target))
                    note_fields(entry, fields, direction, promised is not None)
    for (number, stream), entry in streams.items():
        if entry.pop("grpc", False):
            for side in ("client", "server"):
                entry[f"messages_{side}"] = grpc.get((number, stream, side), 0)
    digest, count, unknown = hashlib.sha256(), 0, 0
    for number in sorted(ends):
        for direction in ("client", "server"):
            for name, value in fields_of[(number, direction)]:
                digest.update(name + b": " + value + b"\n")
                count += 1
                unknown += UNKNOWN in (name, value)
    spoken = {key[0] for key in streams}
    listed = [{"connection": number, "client": known["client"], "server": known["server"],
               "client_known_by": known["client_known_by"] or "port", "protocol": "http2" if number in spoken else "other"}
              for number, known in sorted(ends.items())]
    return {
        "packets": packets, "connections": len(ends), "connection_list": listed,
        "frames": {"total": sum(by_type.values()), "by_type": dict(sorted(by_type.items()))},
        "frames_by_direction": directions,
        "streams": [streams[key] for key in sorted(streams)],
        "header_fields": {"count": count, "unknown": unknown, "sha256": digest.hexdigest()},
        "data_bytes": data_bytes,
    }


def differences(one, other, where=""):
    """Every place where two readings part, as lines."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(set(one) | set(other)):
            yield from differences(one.get(key), other.get(key), f"{where}.{key}" if where else key)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, pair in enumerate(zip(one, other)):
            yield from differences(*pair, f"{where}[{number}]")
    elif one != other:
        yield f"{where}: tshark {one!r}, second reader {other!r}"


def main():
    wanted = [os.path.basename(name) for name in sys.argv[1:]] or [n for n in TABLE if os.path.exists(os.path.join(CAPTURES, n))]
    surprise = False
    for name in wanted:
        port, programs, believed, notes = TABLE[name]
        path = os.path.join(CAPTURES, name)
        readings = {"tshark": tshark_facts(path, port, None), "second": second_reader.facts_of(path)}
        parted = list(differences(readings["tshark"], readings["second"]))
        print(f"{name}: {len(parted)} differences between the two readers")
        for line in parted:
            print("   ", line)
        if parted and not notes:
            surprise = True
            print("    NOTES says nothing about this capture: find out who is right first", file=sys.stderr)
        facts = {
            "capture": name,
            "bytes": os.path.getsize(path),
            "sha256": hashlib.sha256(open(path, "rb").read()).hexdigest(),
            "recorded_with": [version_of(program) for program in programs],
            "tshark_decode_as": [f"tcp.port=={port},http2"],
            **readings[believed],
            "readers": {"believed": believed, "tshark": version_of("tshark"), "second": "hyperframe and hpack",
                        "agree": not parted, "differences": parted},
            "notes": notes,
        }
        with open(path.rsplit(".", 1)[0] + ".facts.json", "w") as file:
            json.dump(facts, file, indent=1, ensure_ascii=False)
            file.write("\n")
    sys.exit(1 if surprise else 0)


if __name__ == "__main__":
    main()
