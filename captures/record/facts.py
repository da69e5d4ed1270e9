#!/usr/bin/env python3
"""Writes NAME.facts.json beside each capture: what a correct reading must find in it.

The numbers come from tshark; `second_reader.py` reads the same file by other means, and every difference is printed and must be
explained in NOTES below before it is believed. Wireloom itself is never asked. `captures/README.md` defines each key.

Makes:  captures/NAME.facts.json for the captures named, or for all.
Needs:  Debian: tshark; pip install hyperframe hpack grpcio-tools googleapis-common-protos zstandard; and the recording programs, only to ask for their versions.

    facts.py [CAPTURE…]
"""
import collections
import dataclasses
import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as tree

import grpc_reader
import receiver_holes
import second_reader
from second_reader import UNKNOWN, new_stream, note_fields, type_name

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.environ.get("CAPTURES_DIR", os.path.dirname(HERE))

NGHTTP = ["nghttp", "nghttpd", "dumpcap"]


@dataclasses.dataclass
class Recording:
    """What facts.py has to be told about one capture."""

    ports: list  # where the servers listened
    programs: list  # what made the traffic and the file
    decode_as: list = None  # which of the ports tshark must be told to read as HTTP/2; all when None
    believed: str = "tshark"  # whose numbers stand where the readers part
    keylog: str = None  # secrets that let tshark read further; those facts go below "decrypted"
    well_behaved: bool = False  # nothing in it breaks a rule or hurts: a reader must find neither error nor warning
    schemas: list = dataclasses.field(default_factory=list)  # files in captures/proto, each perhaps with `VERSION=` before it: then calls are told
    notes: list = dataclasses.field(default_factory=list)


TABLE = {
    "downloads.pcapng": Recording([8080], NGHTTP, well_behaved=True),
    "priorities.pcapng": Recording([8080], NGHTTP, well_behaved=True),
    "push.pcap": Recording([8080], ["nghttp", "nghttpd", "tcpdump"], well_behaved=True),
    "grpc-user-service.pcapng": Recording([50051], ["grpcio", "dumpcap"], well_behaved=True, schemas=["user_service.proto", "greeter.proto"]),
    "grpc-shapes.pcapng": Recording([50051], ["grpcio", "dumpcap"], well_behaved=True, schemas=["legacy.proto", "shapes.proto"]),
    "grpc-newer-server.pcapng": Recording([50051], ["grpcio", "dumpcap"], well_behaved=True, schemas=["v1=catalog.proto", "v2=catalog.proto"]),
    "grpc-errors.pcapng": Recording([50051], ["grpcio", "dumpcap"], well_behaved=True, schemas=["user_service.proto"]),
    "grpc-tonic.pcapng": Recording([50051, 50052], ["tonic", "grpcio", "dumpcap"], well_behaved=True, schemas=["user_service.proto"]),
    "chromium.pcapng": Recording([8080, 8081], ["chromium", "nginx", "nghttpd", "dumpcap"], well_behaved=True),
    "java-http2.pcapng": Recording([8080, 8081], ["java", "Jetty 9.4.57", "Netty 4.1.48", "nghttp", "dumpcap"], decode_as=[8081], believed="second", well_behaved=True, notes=[
        "Jetty sends its first frames right behind its `101 Switching Protocols` (packets 8 and 10), before the client's preface has come. tshark 4.0.17 takes "
        "them for HTTP/1 content and reads HTTP/2 from the preface on, so it misses SETTINGS, WINDOW_UPDATE and, on connection 0, the whole first answer, "
        "whose fields later ones point to.",
    ]),
    "firefox.pcapng": Recording([8080], ["firefox-esr", "nghttpd", "dumpcap"], well_behaved=True),
    "more-servers.pcapng": Recording([8080, 8081, 8082, 8083, 8084], ["node", "httpd", "haproxy", "nghttpx", "curl", "nghttp", "h2load", "dumpcap"],
                                       decode_as=[8080, 8081, 8082, 8083], well_behaved=True),
    "rust-http2.pcapng": Recording([8080], ["h2 of Rust", "nghttp", "dumpcap"], well_behaved=True),
    "grpc-large.pcapng.gz": Recording([50051], ["grpcio", "dumpcap"], well_behaved=True, schemas=["user_service.proto"]),
    "grpc-reflection.pcapng": Recording([50051], ["grpcio", "grpcio-reflection", "dumpcap"], well_behaved=True, schemas=[
        "user_service.proto", "shop.proto", "grpc_reflection.v1alpha.reflection_pb2"]),
    "grpc-retries.pcapng": Recording([50051], ["grpcio", "tonic", "dumpcap"], well_behaved=True, schemas=["user_service.proto"]),
    "grpc-web.pcapng": Recording([8080, 8081], ["tonic-web", "httpx", "dumpcap"], decode_as=[8080], well_behaved=True, schemas=["user_service.proto"]),
    "grpc-web-packed.pcapng": Recording([8080, 8081], ["tonic-web", "nginx", "httpx", "dumpcap"], decode_as=[8081], well_behaved=True, schemas=["user_service.proto"]),
    "grpc-deadlines.pcapng": Recording([50051, 50052, 50053], ["grpcio", "tonic", "httpx", "h2", "dumpcap"], well_behaved=True, schemas=["shop.proto"]),
    "grpc-chain.pcapng": Recording([50051, 50052], ["grpcio", "tonic", "dumpcap"], schemas=["shop.proto"]),
    "tls.pcapng": Recording([443], ["curl", "nginx", "openssl", "dumpcap"], decode_as=[], keylog="tls.keylog", well_behaved=True, notes=[
        "Without the key log there is no frame to be read; `decrypted` says what tshark reads with it.",
    ]),
    "http1-and-h2c.pcapng": Recording([8080, 8081], ["curl", "nghttp", "nginx", "dumpcap"], decode_as=[8081], well_behaved=True),
    "http1-programs.pcapng": Recording([8080, 8081, 8082], ["curl", "nginx", "node", "websockets", "dumpcap"], decode_as=[], well_behaved=True),
    "go-http2.pcapng": Recording([8080], ["go", "nghttp", "dumpcap"], well_behaved=True),
    "python-http2.pcapng": Recording([8080], ["httpx", "hypercorn", "h2", "curl", "nghttp", "dumpcap"], well_behaved=True),
    "nginx-curl.pcapng": Recording([8080], ["curl", "nghttp", "nginx", "dumpcap"], well_behaved=True),
    "large-headers.pcapng": Recording([8080], NGHTTP + ["h2"], believed="second", notes=[
        "Connection 2, server side: tshark 4.0.17 shows no field at all after the two table size updates (3f 21 is 64, 3f e1 0f is 2048) that "
        "open the first header block, so it misses 27 fields and three statuses. hpack reads them, the bytes do so by hand "
        "(the next byte is 88, `:status: 200`), and nghttp accepted the answers.",
    ]),
    "mid-connection.pcapng": Recording([7443], ["grpcio", "dumpcap"], notes=[
        "Both sides begin at a frame. A field whose dynamic entry was inserted before the capture counts as unknown; header_fields.sha256 takes it "
        "as the line `<unknown>: <unknown>`, header_fields.known_sha256 leaves it out.",
    ]),
    "mid-download.pcapng": Recording([8080], NGHTTP, believed="second", notes=[
        "The server's side begins inside a DATA frame. tshark takes the first bytes for a frame header and finds no frame on that side. The second "
        "reader skips to the first place where four frames in a row look right; what each stream then carries is, byte for byte, the end of the "
        "file it was asked for.",
    ]),
    "lossy.pcapng": Recording([8080], NGHTTP, notes=[
        "lossy.wire.json is the wire's own record of the packets it dropped, held back or repeated.",
    ]),
    "lossy-sender.pcapng": Recording([8080], NGHTTP, notes=[
        "lossy-sender.wire.json is the wire's own record of the packets it dropped, held back or repeated. receiver_holes comes from lossy-sender.wire.deliveries.json, "
        "so its times are those at the receiver: what the ACKs tell the sender comes 20 ms later, and now and then one ACK speaks for several segments.",
    ]),
    "upgrade.pcapng": Recording([8080], ["nghttp", "nghttpx", "nghttpd", "dumpcap"], decode_as=[], well_behaved=True),
}
VERSION = {
    "nghttp": ["nghttp", "--version"], "nghttpd": ["nghttpd", "--version"], "nghttpx": ["nghttpx", "--version"],
    "openssl": ["openssl", "version"], "h2load": ["h2load", "--version"],
    "nginx": ["nginx", "-v"], "curl": ["curl", "--version"], "dumpcap": ["dumpcap", "--version"], "tcpdump": ["tcpdump", "--version"],
    "tshark": ["tshark", "--version"], "go": ["go", "version"], "firefox-esr": ["firefox-esr", "--version"], "node": ["node", "--version"], "haproxy": ["haproxy", "-v"],
    "httpd": ["apache2", "-v"],
    "java": ["java", "--version"], "chromium": ["chromium", "--version", "--no-sandbox"],
    "grpcio": [sys.executable, "-c", "import grpc; print('grpcio', grpc.__version__)"],
    "httpx": [sys.executable, "-c", "import httpx; print(httpx.__version__)"],
    "grpcio-reflection": [sys.executable, "-c", "import importlib.metadata as m; print(m.version('grpcio-reflection'))"],
    "hypercorn": [sys.executable, "-c", "import importlib.metadata as m; print(m.version('hypercorn'))"],
    "websockets": [sys.executable, "-c", "import importlib.metadata as m; print(m.version('websockets'))"],
    "h2": [sys.executable, "-c", "import h2; print('h2', h2.__version__)"],
}


def version_of(program):
    if program in ("tonic", "tonic-web", "h2 of Rust"):
        lock = open(os.path.join(HERE, "tonic/Cargo.lock")).read()
        return program + " " + re.search(rf'name = "{program.split()[0]}"\nversion = "([^"]+)"', lock).group(1)
    if program not in VERSION:
        return program
    done = subprocess.run(VERSION[program], capture_output=True, text=True)
    for line in (done.stdout + done.stderr).splitlines():
        if re.search(r"\d+\.\d+", line):
            found = re.search(r"(\d+\.\d+(\.\d+)*)", line).group(1)
            return f"{program} {found}"
    return program


def versions_of_readers():
    import google.protobuf
    return ["hyperframe and hpack", f"protobuf {google.protobuf.__version__} of Python"]


def tshark(path, *rest):
    command = ["tshark", "-n", "-r", path, "-o", "tcp.reassemble_out_of_order:TRUE", *rest]
    return subprocess.run(command, capture_output=True, check=True, timeout=300).stdout


def shown(node, name):
    """The `show` of the first field of this name below the node."""
    for field in node.iter("field"):
        if field.get("name") == name:
            return field.get("show")
    return None


def bytes_of(field):
    return bytes.fromhex(field.get("value") or "")


def everything(node, name):
    return [field.get("show") for field in node.iter("field") if field.get("name") == name]


def note_tls(tls, proto):
    """Takes what a packet's hellos say. Fields that are only there when the server chose overwrite the client's."""
    for message in proto.iter("field"):
        if message.get("name") != "tls.handshake":
            continue
        kind = shown(message, "tls.handshake.type")
        if kind == "1":
            tls["server_name"] = shown(message, "tls.handshake.extensions_server_name")
            tls["alpn_offered"] = everything(message, "tls.handshake.extensions_alpn_str")
        if kind == "2":
            version = shown(message, "tls.handshake.extensions.supported_version") or shown(message, "tls.handshake.version")
            tls["version"] = {"0x0304": "TLS 1.3", "0x0303": "TLS 1.2"}.get(version)
            tls["alpn_selected"] = shown(message, "tls.handshake.extensions_alpn_str")
            tls["cipher_suite"] = shown(message, "tls.handshake.ciphersuite")


def note_http1(exchanges, proto):
    method = shown(proto, "http.request.method")
    chunks = sum(int(size) for size in everything(proto, "http.chunk_size"))
    length = next((field.get("show") for field in proto.iter("field") if field.get("name") == "http.content_length"), None)
    data = next((field.get("size") for field in proto.iter("field") if field.get("name") == "http.file_data"), None)
    if method:
        # tshark shows a request with its last byte, which may come behind 100 Continue.
        early = exchanges.pop() if exchanges and "method" not in exchanges[-1] else {}
        exchanges.append({"method": method, "path": shown(proto, "http.request.uri"), "status": None, "body_bytes": 0, **early})
        if int(length or chunks):
            exchanges[-1]["request_bytes"] = int(length or chunks)
    status = shown(proto, "http.response.code")
    answered = next((exchange for exchange in exchanges if exchange.get("status") is None), None)
    if status and status.startswith("1") and status != "101":
        if answered is None:
            exchanges.append(answered := {})
        answered.setdefault("interim", []).append(status)
    elif status and answered:
        answered["status"] = status
        # An answer to HEAD has the length of what it leaves out.
        bare = answered["method"] == "HEAD" or status in ("101", "204", "304")
        answered["body_bytes"] = 0 if bare else int(length or chunks or data or 0)


def tshark_facts(path, ports, decode_as, keylog=None):
    """The same facts as `second_reader.facts_of`, from tshark's PDML."""
    options = [word for port in decode_as for word in ("-d", f"tcp.port=={port},http2")]
    if keylog:
        options += ["-o", f"tls.keylog_file:{keylog}"]
    root = tree.fromstring(tshark(path, *options, "-T", "pdml"))
    before = collections.defaultdict(dict)
    by_type, directions, streams, packets = collections.Counter(), {"client": 0, "server": 0}, {}, 0
    fields_of, data_bytes, ends = collections.defaultdict(list), {"client": 0, "server": 0}, {}
    grpc, lines_of = {}, collections.defaultdict(list)
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
        from_client = int(shown(tcp, "tcp.dstport")) in ports  # the recording scripts know which port served
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
            if proto.get("name") == "tls":
                note_tls(before[number].setdefault("tls", {}), proto)
            if proto.get("name") == "http":
                note_http1(before[number].setdefault("http1", []), proto)
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
                length, bits = int(shown(frame, "http2.length")), int(shown(frame, "http2.flags"), 16)
                lines_of[(number, direction)].append(f"{type_name(kind)} {stream} {length} {bits:02x}\n")
                own = 0
                if kind == 0:
                    own = length
                    if int(shown(frame, "http2.flags.padded")):
                        own -= 1 + int(shown(frame, "http2.pad_length"))
                data_bytes[direction] += own
                fields = []
                for header in frame.iter("field"):
                    if header.get("name") == "http2.header":
                        name = next(f for f in header.iter("field") if f.get("name") == "http2.header.name")
                        value = next(f for f in header.iter("field") if f.get("name") == "http2.header.value")
                        name, value = bytes_of(name), bytes_of(value)
                        fields.append((name, value or UNKNOWN if name == UNKNOWN else value))  # tshark leaves such a value empty
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
    digest, known_digest, count, unknown = hashlib.sha256(), hashlib.sha256(), 0, 0
    frame_digest = hashlib.sha256()
    for number in sorted(ends):
        for direction in ("client", "server"):
            for line in lines_of[(number, direction)]:
                frame_digest.update(line.encode())
            for name, value in fields_of[(number, direction)]:
                digest.update(name + b": " + value + b"\n")
                count += 1
                if UNKNOWN in (name, value):
                    unknown += 1
                else:
                    known_digest.update(name + b": " + value + b"\n")
    spoken, listed = {key[0] for key in streams}, []
    for number, known in sorted(ends.items()):
        earlier = before[number]
        words = ["tls"] * ("tls" in earlier) + ["http1"] * ("http1" in earlier) + ["http2"] * (number in spoken)
        listed.append({"connection": number, "client": known["client"], "server": known["server"],
                       "client_known_by": known["client_known_by"] or "port", "protocol": " then ".join(words) or "other", **earlier})
    return {
        "packets": packets, "connections": len(ends), "connection_list": listed,
        "frames": {"total": sum(by_type.values()), "by_type": dict(sorted(by_type.items())), "sha256": frame_digest.hexdigest()},
        "frames_by_direction": directions,
        "streams": [streams[key] for key in sorted(streams)],
        "header_fields": {"count": count, "unknown": unknown, "sha256": digest.hexdigest(),
                          "known_sha256": known_digest.hexdigest()},
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
        told = TABLE[name]
        path = os.path.join(CAPTURES, name)
        decode_as = told.ports if told.decode_as is None else told.decode_as
        readings = {"tshark": tshark_facts(path, told.ports, decode_as), "second": second_reader.facts_of(path)}
        for one, other in zip(readings["tshark"]["connection_list"], readings["second"]["connection_list"]):
            if "skipped_bytes" in other:  # tshark has no such number
                one["skipped_bytes"] = other["skipped_bytes"]
        parted = list(differences(readings["tshark"], readings["second"]))
        print(f"{name}: {len(parted)} differences between the two readers")
        for line in parted:
            print("   ", line)
        if parted and not told.notes:
            surprise = True
            print("    the table has no note about this capture: find out who is right first", file=sys.stderr)
        facts = {
            "capture": name,
            "bytes": os.path.getsize(path),
            "sha256": hashlib.sha256(open(path, "rb").read()).hexdigest(),
            "recorded_with": [version_of(program) for program in told.programs],
            "tshark_decode_as": [f"tcp.port=={port},http2" for port in decode_as],
            "well_behaved": told.well_behaved,
            **readings[told.believed],
            "readers": {"believed": told.believed, "tshark": version_of("tshark"), "second": "hyperframe and hpack",
                        "agree": not parted, "differences": parted},
            "notes": told.notes,
        }
        if told.keylog:
            read = tshark_facts(path, told.ports, decode_as, os.path.join(CAPTURES, told.keylog))
            facts["decrypted"] = {"keylog": told.keylog, "read_by": "tshark alone", **{key: read[key] for key in (
                "connection_list", "frames", "frames_by_direction", "streams", "header_fields", "data_bytes")}}
        stem = os.path.join(CAPTURES, name.split(".")[0])
        if os.path.exists(stem + ".wire.deliveries.json"):
            with open(stem + ".wire.deliveries.json") as file:
                facts["receiver_holes"] = receiver_holes.holes_of(path, json.load(file))
        calls = []
        if told.schemas:
            calls = grpc_reader.calls_of(path, told.schemas)
            facts |= {"schemas": told.schemas, "calls_read_by": versions_of_readers(), "calls": "HERE"}
            if os.path.exists(stem + ".client.json"):
                facts["client_record"] = name.split(".")[0] + ".client.json"
                with open(stem + ".client.json") as file:
                    parted = list(grpc_reader.parted_from_diary(calls, json.load(file)))
                print(f"    {len(calls)} calls, {len(parted)} differences from what the client was told")
                for line in parted:
                    print("   ", line)
                surprise = surprise or bool(parted)
            if os.path.exists(stem + ".server.json"):
                facts["server_record"] = name.split(".")[0] + ".server.json"
                with open(stem + ".server.json") as file:
                    missing = list(grpc_reader.link(calls, json.load(file)))
                print("\n".join(f"    {line}" for line in missing) or "    every call of the server's record is there")
                surprise = surprise or bool(missing)
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        # One line for each call: spread out they would be ten times as long.
        lines = ",\n".join("  " + json.dumps(call, ensure_ascii=False) for call in calls)
        with open(stem + ".facts.json", "w") as file:
            file.write(text.replace('"calls": "HERE"', f'"calls": [\n{lines}\n ]') + "\n")
    sys.exit(1 if surprise else 0)


if __name__ == "__main__":
    main()
