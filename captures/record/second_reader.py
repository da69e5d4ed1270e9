#!/usr/bin/env python3
"""Reads a capture without tshark: own file, link, IP and TCP reading, then the `hyperframe` and `hpack` libraries.

Makes:  the countable facts of one capture, as JSON on standard output; `facts.py` calls `facts_of` and compares with tshark.
Needs:  pip install hyperframe hpack. Understands pcap, pcapng, both also packed by gzip, Ethernet, Linux cooked v1 and v2, raw IP, IPv4, IPv6.

    second_reader.py CAPTURE

TCP: segments are put in order by sequence number, the first copy of a byte wins, and a direction ends at its first hole.
A direction that does not begin with the preface of RFC 9113 §3.4 (or answer one) begins where four frames in a row look right.
A dynamic entry inserted before the capture began reads as `<unknown>`.
"""
import collections
import gzip
import hashlib
import ipaddress
import json
import struct
import sys

from hpack import Decoder
from hpack.exceptions import HPACKError
from hyperframe.exceptions import HyperframeError, InvalidPaddingError
from hyperframe.frame import Frame

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
NAMES = ["DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION",
         "ALTSVC", None, "ORIGIN"]
UNKNOWN = b"<unknown>"


def type_name(code):
    if code < len(NAMES) and NAMES[code]:
        return NAMES[code]
    return {0x10: "PRIORITY_UPDATE"}.get(code, f"0x{code:02x}")


# --- files -----------------------------------------------------------------------------------------------------------

def packets_of(path):
    """Yields (link type, bytes) for each packet."""
    data = open(path, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        at, order, links = 0, "<", []
        while at + 12 <= len(data):
            if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
                order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
                links = []
            kind, length = struct.unpack_from(order + "II", data, at)
            if kind == 1:
                links.append(struct.unpack_from(order + "H", data, at + 8)[0])
            elif kind == 6:
                interface, _, _, kept, _ = struct.unpack_from(order + "IIIII", data, at + 8)
                yield links[interface], data[at + 28:at + 28 + kept]
            at += length
        return
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link = struct.unpack_from(order + "I", data, 20)[0]
    at = 24
    while at + 16 <= len(data):
        kept = struct.unpack_from(order + "I", data, at + 8)[0]
        yield link, data[at + 16:at + 16 + kept]
        at += 16 + kept


def tcp_of(link, packet):
    """The (source, destination, sequence, flags, payload) of a TCP packet, or None."""
    skip = {1: 14, 113: 16, 276: 20, 101: 0}[link]
    ether = {1: packet[12:14], 113: packet[14:16], 276: packet[0:2], 101: None}[link]
    ip = packet[skip:]
    if ip[:1] == b"" or ether not in (None, b"\x08\x00", b"\x86\xdd"):
        return None
    if ip[0] >> 4 == 4:
        if ip[9] != 6:
            return None
        body = ip[(ip[0] & 15) * 4:struct.unpack_from(">H", ip, 2)[0]]
        ends = ip[12:16], ip[16:20]
    else:
        if ip[6] != 6:
            return None
        body = ip[40:40 + struct.unpack_from(">H", ip, 4)[0]]
        ends = ip[8:24], ip[24:40]
    source, target, sequence = struct.unpack_from(">HHI", body)
    return (ends[0], source), (ends[1], target), sequence, body[13], body[(body[12] >> 4) * 4:]


class Side:
    """One direction of a connection: its segments by position."""

    def __init__(self):
        self.first = None  # sequence number of the first byte
        self.by_syn = False
        self.segments = []

    def take(self, sequence, flags, payload):
        if flags & 2:
            self.first, self.by_syn = (sequence + 1) & 0xFFFFFFFF, True
            sequence += 1
        if payload:
            if self.first is None:
                self.first = sequence
            distance = (sequence - self.first) & 0xFFFFFFFF
            if distance >= 1 << 31:  # before what we took for the first byte
                distance -= 1 << 32
            self.segments.append((distance, payload))

    def stream(self):
        """The bytes in order up to the first hole, and whether there was one."""
        out = bytearray()
        segments = sorted(self.segments, key=lambda s: s[0])
        base = 0 if self.by_syn or not segments else segments[0][0]
        for distance, payload in segments:
            distance -= base
            if distance > len(out):
                return bytes(out), True
            out += payload[len(out) - distance:]
        return bytes(out), False


class Connection:
    def __init__(self, ends):
        self.ends = ends  # as first seen: (source, destination)
        self.sides = {ends[0]: Side(), ends[1]: Side()}
        self.client, self.known_by = None, None


def connections_of(path):
    """All TCP connections in the order of their first packets, and the number of packets in the file."""
    found, live, count = [], {}, 0
    for link, packet in packets_of(path):
        count += 1
        read = tcp_of(link, packet)
        if read is None:
            continue
        source, target, sequence, flags, payload = read
        key = frozenset((source, target))
        connection = live.get(key)
        if connection is None or (flags & 0x12 == 2 and connection.sides[source].by_syn
                                  and connection.sides[source].first != (sequence + 1) & 0xFFFFFFFF):
            connection = Connection((source, target))
            live[key] = connection
            found.append(connection)
        if flags & 2 and connection.client is None:
            connection.client = target if flags & 0x10 else source
            connection.known_by = "syn"
        connection.sides[source].take(sequence, flags, payload)
    for connection in found:
        if connection.client is None:
            for end in connection.ends:
                if connection.sides[end].stream()[0].startswith(PREFACE):
                    connection.client, connection.known_by = end, "preface"
        if connection.client is None:  # as a last resort the higher port, which the system chose
            connection.client, connection.known_by = max(connection.ends, key=lambda e: e[1]), "port"
    return found, count


# --- HTTP/2 ----------------------------------------------------------------------------------------------------------

def looks_like_frames(data, at, wanted=4):
    seen = 0
    while seen < wanted and at + 9 <= len(data):
        length, kind, flags, stream = int.from_bytes(data[at:at + 3], "big"), data[at + 3], data[at + 4], data[at + 5:at + 9]
        if length > 16384 or kind > 9 or stream[0] & 0x80 or flags & ~0x2D:
            return False
        if kind in (4, 6, 7) and stream != b"\0\0\0\0" or kind in (0, 1, 2, 3, 5, 9) and stream == b"\0\0\0\0":
            return False
        if {2: 5, 3: 4, 6: 8, 8: 4}.get(kind, length) != length:
            return False
        at += 9 + length
        seen += 1
    return seen > 0


class Half:
    """The frames of one direction."""

    def __init__(self, data, from_start):
        self.frames = []  # (type, stream, DATA without padding, fields or None, promised, payload length and flags)
        self.data = collections.defaultdict(bytearray)
        self.resets = {}  # stream: error code
        self.fields = []
        at = 0
        if data.startswith(PREFACE):
            at = len(PREFACE)
        elif not from_start:
            while at < len(data) and not looks_like_frames(data, at):
                at += 1
        self.skipped = at if not data.startswith(PREFACE) else 0
        decoder = Decoder(max_header_list_size=1 << 24)
        decoder.max_allowed_table_size = 1 << 24
        if not from_start:
            for _ in range(4096 // 32):
                decoder.header_table.add(b"", b"")  # 32 bytes each: they leave before any entry that we saw inserted
        block, opened = b"", None
        while at + 9 <= len(data):
            head = data[at:at + 9]
            length, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
            stream = int.from_bytes(head[5:], "big") & 0x7FFFFFFF
            body = data[at + 9:at + 9 + length]
            if len(body) < length:
                break
            at += 9 + length
            fields, promised, own = None, None, 0
            try:
                frame, _ = Frame.parse_frame_header(memoryview(head))
                frame.parse_body(memoryview(body))
            except (HyperframeError, InvalidPaddingError) as problem:
                print(f"hyperframe: {problem}", file=sys.stderr)
                frame = None
            if kind == 0 and frame:
                own = len(frame.data)
                self.data[stream] += frame.data
            if kind == 3 and frame:
                self.resets[stream] = frame.error_code
            if kind in (1, 5, 9) and frame:
                if kind == 5:
                    promised = frame.promised_stream_id
                block += frame.data
                opened = promised if kind == 5 else opened if kind == 9 else stream
                if flags & 4:
                    fields = self.decode(decoder, block)
                    self.fields += fields
                    block = b""
            self.frames.append((type_name(kind), stream, own, fields, promised if kind != 9 else opened, f"{length} {flags:02x}"))

    @staticmethod
    def decode(decoder, block):
        try:
            read = decoder.decode(block, raw=True)
        except HPACKError as problem:
            print(f"hpack: {problem}", file=sys.stderr)
            return []
        return [(name, value) if name else (UNKNOWN, value or UNKNOWN) for name, value in read]


def read_connection(connection):
    """(protocol, what was read before HTTP/2, (client half, server half) or None)."""
    client = connection.client
    server = next(end for end in connection.ends if end != client)
    up, down = connection.sides[client].stream()[0], connection.sides[server].stream()[0]
    from_start = connection.sides[client].by_syn
    if up.startswith(b"\x16\x03"):
        return "tls", tls_of(up, down), None
    if up.split(b" ")[0] in (b"GET", b"POST", b"HEAD", b"PUT", b"OPTIONS"):
        exchanges, up, down = http1_of(up, down)
        if not up.startswith(PREFACE):
            return "http1", exchanges, None
        return "http1 then http2", exchanges, (Half(up, True), Half(down, True))
    if from_start and not up.startswith(PREFACE):
        return "other", None, None
    return "http2", None, (Half(up, from_start), Half(down, from_start))


def http1_field(head, wanted):
    """The value of a field of HTTP/1, or None."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == wanted:
            return value.strip()
    return None


def http1_body(head, data, none=False, until_close=False):
    """(bytes of content, what follows the body); `none` for answers that have no body whatever their fields say."""
    if none:
        return 0, data
    if http1_field(head, b"transfer-encoding") == b"chunked":
        size = 0
        while True:
            line, _, data = data.partition(b"\r\n")
            chunk = int(line.split(b";")[0], 16)
            if not chunk:
                while line:  # trailers, up to the empty line
                    line, _, data = data.partition(b"\r\n")
                return size, data
            size += chunk
            data = data[chunk + 2:]
    length = http1_field(head, b"content-length")
    size = int(length) if length is not None else len(data) if until_close else 0
    return size, data[size:]


def http1_of(up, down):
    """The exchanges of HTTP/1.1, and what follows them in both directions after `101 Switching Protocols`."""
    exchanges = []
    while up and down and not up.startswith(PREFACE):
        request, _, up = up.partition(b"\r\n\r\n")
        method, path = request.split(b"\r\n")[0].decode().split(" ")[:2]
        sent, up = http1_body(request, up)
        exchange, interim = {"method": method, "path": path}, []
        while True:
            response, _, down = down.partition(b"\r\n\r\n")
            status = response.split(b"\r\n")[0].decode().split(" ")[1]
            if not status.startswith("1") or status == "101":
                break
            interim.append(status)
        size, down = http1_body(response, down, method == "HEAD" or status in ("101", "204", "304"), True)
        exchange |= {"status": status, "body_bytes": size}
        if interim:
            exchange["interim"] = interim
        if sent:
            exchange["request_bytes"] = sent
        exchanges.append(exchange)
        if status == "101":
            break
    return exchanges, up, down


# --- TLS hellos ------------------------------------------------------------------------------------------------------

def handshakes_of(data):
    """(type, body) of each plain handshake message; RFC 8446 §5.1, §4."""
    plain = b""
    while data[:1] == b"\x16" and len(data) >= 5:
        size = int.from_bytes(data[3:5], "big")
        plain += data[5:5 + size]
        data = data[5 + size:]
    while len(plain) >= 4:
        size = int.from_bytes(plain[1:4], "big")
        yield plain[0], plain[4:4 + size]
        plain = plain[4 + size:]


def extensions_of(data):
    data = data[2:]
    found = {}
    while len(data) >= 4:
        kind, size = struct.unpack_from(">HH", data)
        found[kind] = data[4:4 + size]
        data = data[4 + size:]
    return found


def protocols_of(extension):
    names, extension = [], extension[2:]
    while extension:
        names.append(extension[1:1 + extension[0]].decode())
        extension = extension[1 + extension[0]:]
    return names


def tls_of(up, down):
    """What both hellos say without any key."""
    hello = next(body for kind, body in handshakes_of(up) if kind == 1)
    at = 35 + hello[34]
    at += 2 + int.from_bytes(hello[at:at + 2], "big")
    at += 1 + hello[at]
    asked = extensions_of(hello[at:])
    answer = next(body for kind, body in handshakes_of(down) if kind == 2)
    at = 35 + answer[34]
    suite, given = answer[at:at + 2], extensions_of(answer[at + 3:])
    version = given.get(43, answer[:2])
    return {
        "version": {b"\x03\x04": "TLS 1.3", b"\x03\x03": "TLS 1.2"}.get(version),
        "server_name": asked[0][5:].decode() if 0 in asked else None,
        "alpn_offered": protocols_of(asked[16]) if 16 in asked else [],
        "alpn_selected": protocols_of(given[16])[0] if 16 in given else None,
        "cipher_suite": "0x" + suite.hex(),
    }


def messages_in(data):
    """Counts length-prefixed gRPC messages: flag, four bytes of length, message."""
    at = count = 0
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 1:at + 5], "big")
        if at + 5 + size > len(data):
            break
        at += 5 + size
        count += 1
    return count


def end_name(end):
    address = ipaddress.ip_address(end[0])
    return f"[{address}]:{end[1]}" if address.version == 6 else f"{address}:{end[1]}"


def facts_of(path):
    connections, packets = connections_of(path)
    by_type, directions, streams = collections.Counter(), {"client": 0, "server": 0}, {}
    frame_digest = hashlib.sha256()
    digest, known_digest, count, unknown, data_bytes, listed = hashlib.sha256(), hashlib.sha256(), 0, 0, {"client": 0, "server": 0}, []
    for number, connection in enumerate(connections):
        protocol, before, halves = read_connection(connection)
        server = next(end for end in connection.ends if end != connection.client)
        listed.append({"connection": number, "client": end_name(connection.client), "server": end_name(server),
                       "client_known_by": connection.known_by, "protocol": protocol})
        if before is not None:
            listed[-1]["tls" if protocol == "tls" else "http1"] = before
        if not halves:
            continue
        if not connection.sides[connection.client].by_syn:
            listed[-1]["skipped_bytes"] = {"client": halves[0].skipped, "server": halves[1].skipped}
        for name, half in zip(("client", "server"), halves):
            for kind, stream, own, fields, promised, shape in half.frames:
                frame_digest.update(f"{kind} {stream} {shape}\n".encode())
                by_type[kind] += 1
                directions[name] += 1
                if stream:
                    entry = streams.setdefault((number, stream), new_stream(number, stream))
                    entry["frames"] += 1
                    entry[f"data_bytes_{name}"] += own
                data_bytes[name] += own
                target = promised or stream
                if target:
                    entry = streams.setdefault((number, target), new_stream(number, target))
                    note_fields(entry, fields or [], name, promised is not None)
            for field, value in half.fields:
                digest.update(field + b": " + value + b"\n")
                count += 1
                if UNKNOWN in (field, value):
                    unknown += 1
                else:
                    known_digest.update(field + b": " + value + b"\n")
        for (owner, stream), entry in streams.items():
            if owner == number and entry.pop("grpc", False):
                entry["messages_client"] = messages_in(halves[0].data[stream])
                entry["messages_server"] = messages_in(halves[1].data[stream])
    for entry in streams.values():
        entry.pop("grpc", None)
    return {
        "packets": packets, "connections": len(connections), "connection_list": listed,
        "frames": {"total": sum(by_type.values()), "by_type": dict(sorted(by_type.items())), "sha256": frame_digest.hexdigest()},
        "frames_by_direction": directions,
        "streams": [streams[key] for key in sorted(streams)],
        "header_fields": {"count": count, "unknown": unknown, "sha256": digest.hexdigest(),
                          "known_sha256": known_digest.hexdigest()},
        "data_bytes": data_bytes,
    }


def new_stream(connection, stream):
    return {"connection": connection, "stream": stream, "method": None, "path": None, "status": None, "frames": 0,
            "data_bytes_client": 0, "data_bytes_server": 0}


def note_fields(entry, fields, direction, promise):
    """Keeps what a stream was for. A 1xx response is followed by the real one, so the last status stands."""
    for name, value in fields:
        text = value.decode("utf-8", "replace")
        if name in (b":method", b":path") and (direction == "client" or promise):
            entry[name.decode()[1:]] = text
        if name == b":status":
            entry["status"] = text
        if name == b"content-type" and text.startswith("application/grpc") and not text.startswith("application/grpc-web"):
            entry["grpc"] = True
        if name == b"grpc-status":
            entry["grpc_status"] = text


if __name__ == "__main__":
    json.dump(facts_of(sys.argv[1]), sys.stdout, indent=1)
    print()
