#!/usr/bin/env python3
"""Reads the gRPC calls of a capture: HTTP/2 by `second_reader.py`, messages by Python's protobuf.

Makes:  the list of calls for the facts page, `captures/README.md` defines each key; `facts.py` calls `calls_of`.
Needs:  pip install hyperframe hpack grpcio-tools googleapis-common-protos zstandard.

    grpc_reader.py CAPTURE [VERSION=]SCHEMA…      prints the calls as JSON
"""
import base64
import gzip
import hashlib
import http.client
import importlib
import io
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
import zlib

import zstandard
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, unknown_fields
from google.rpc import error_details_pb2, status_pb2  # error_details: only so that its types are known

import second_reader
from second_reader import UNKNOWN

PROTO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "proto")
CODES = ("OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION "
         "ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED").split()
ERRORS = ("NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM CANCEL "
          "COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED").split()
UNITS = {"H": 3_600_000_000_000, "M": 60_000_000_000, "S": 1_000_000_000, "m": 1_000_000, "u": 1000, "n": 1}
LONG = 20_000  # a message with more bytes is given by its hash
assert error_details_pb2


class Schema:
    """The methods and types of some .proto files, apart from every other schema."""

    def __init__(self, files, version=None):
        self.name = version
        roots = ([os.path.join(PROTO, version)] if version else []) + [PROTO]
        modules = [name for name in files if name.endswith("_pb2")]
        files = [name for name in files if name not in modules]
        with tempfile.NamedTemporaryFile() as out:
            subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *(f"-I{root}" for root in roots), "--include_imports",
                            f"--descriptor_set_out={out.name}", *files], check=True)
            described = descriptor_pb2.FileDescriptorSet.FromString(out.read())
        for name in modules:
            importlib.import_module(name).DESCRIPTOR.CopyToProto(described.file.add())
        self.pool, self.methods = descriptor_pool.DescriptorPool(), {}
        for file in described.file:
            self.pool.Add(file) if hasattr(self.pool, "Add") else self.pool.AddSerializedFile(file.SerializeToString())
        message_factory.GetMessageClassesForFiles([file.name for file in described.file], self.pool)  # makes extensions known
        for file in described.file:
            for service in file.service:
                for method in service.method:
                    self.methods[f"/{file.package}.{service.name}/{method.name}"] = method

    def read(self, type_name, payload):
        read = message_factory.GetMessageClass(self.pool.FindMessageTypeByName(type_name)).FromString(payload)
        return read, in_order(json_format.MessageToDict(read, descriptor_pool=self.pool))


def in_order(value):
    """The same JSON with sorted keys: protobuf has no order for maps."""
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(one) for one in value] if isinstance(value, list) else value


def unknown_in(message, where=""):
    """Every field that the schema lacks, as path, number, wire type and value."""
    for field in unknown_fields.UnknownFieldSet(message):
        value = field.data.hex() if isinstance(field.data, bytes) else field.data if isinstance(field.data, int) else "group"
        yield {"path": where + str(field.field_number), "number": field.field_number, "wire_type": field.wire_type,
               "hex" if isinstance(field.data, bytes) else "value": value}
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is not None:
                for one in value.values():
                    yield from unknown_in(one, f"{where}{field.number}.2.")
        elif field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED:
            for one in value:
                yield from unknown_in(one, f"{where}{field.number}.")
        else:
            yield from unknown_in(value, f"{where}{field.number}.")


def unpack(payload, encoding):
    if encoding == "gzip":
        return gzip.decompress(payload)
    if encoding == "deflate":
        return zlib.decompress(payload)
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(payload)
    raise ValueError(f"no program for {encoding}")


def web_trailers(data):
    """Takes apart the body of gRPC-Web: (messages alone, fields of the trailers frame or None). A flag of 0x80 marks the trailers."""
    kept, trailers, at = bytearray(), None, 0
    while at + 5 <= len(data):
        size = 5 + int.from_bytes(data[at + 1:at + 5], "big")
        if data[at] & 0x80:
            lines = bytes(data[at + 5:at + size]).split(b"\r\n")
            trailers = [tuple(part.strip() for part in line.split(b":", 1)) for line in lines if line]
        else:
            kept += data[at:at + size]
        at += size
    return kept, trailers


def from_text(data):
    """The bytes of a base64 text that may be padded in between, piece by piece."""
    return b"".join(base64.b64decode(data[at:at + 4]) for at in range(0, len(data) // 4 * 4, 4))


def whole(data, fields):
    """A body without the coding of its content: that of something that knows only HTTP and compresses it with all its messages."""
    coding = text_of(fields, b"content-encoding")
    return unpack(bytes(data), coding) if coding and data else data


def messages_of(data, encoding, type_name, schemas):
    """Each whole length-prefixed message; what is left over at the end counts in `partial_bytes`."""
    found, at = [], 0
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 1:at + 5], "big")
        payload = bytes(data[at + 5:at + 5 + size])
        if len(payload) < size:
            break
        packed = data[at] == 1
        plain = unpack(payload, encoding) if packed else payload
        at += 5 + size
        message = {"length": size, "compressed": packed, "decoded_length": len(plain), "sha256": hashlib.sha256(plain).hexdigest(), "type": type_name}
        readings, unknown = {}, {}
        for schema in schemas if type_name else []:
            read, readings[schema.name] = schema.read(type_name, plain)
            unknown[schema.name] = list(unknown_in(read))
        if len(plain) > LONG:
            for name, value in readings.items():
                line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
                readings[name] = {"json_bytes": len(line), "json_sha256": hashlib.sha256(line).hexdigest()}
            if None in readings:
                message |= readings.pop(None)
        elif None in readings:
            message["json"] = readings.pop(None)
        if readings:
            message["json_by"] = readings
        if unknown.get(None):
            message["unknown"] = unknown[None]
        elif any(unknown.values()) and None not in unknown:
            message["unknown_by"] = {name: fields for name, fields in unknown.items() if fields}
        found.append(message)
    return found, len(data) - at


def binary(value):
    """The bytes of a `-bin` value: base64, with or without padding, or as they are (after both announced it)."""
    if all(byte in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=," for byte in value):
        return base64.b64decode(value + b"=" * (-len(value) % 4))
    return value.removeprefix(b"\0")  # a zero byte before the value says that it is no base64


def shown(fields):
    """Fields without pseudo-header fields, as [name, value]; values of `-bin` names decoded and in hex."""
    out = []
    for name, value in fields or []:
        if not name.startswith(b":"):
            text = binary(value).hex() if name.endswith(b"-bin") else value.decode("utf-8", "replace")
            out.append([name.decode(), text])
    return out


def value_of(fields, name):
    return next((value for key, value in fields or [] if key == name), None)


def text_of(fields, name):
    value = value_of(fields, name)
    return None if value is None or value == UNKNOWN else value.decode("utf-8", "replace")


def blocks_of(half):
    """Header blocks of each stream: (fields, whether it ended the stream). A block's END_STREAM is on its first frame."""
    blocks, ends = {}, {}
    for kind, stream, _, fields, _, shape in half.frames:
        if kind == "HEADERS":
            ends[stream] = bool(int(shape.split()[1], 16) & 1)
        if kind in ("HEADERS", "CONTINUATION") and fields is not None:
            blocks.setdefault(stream, []).append((fields, ends[stream]))
    return blocks


def details_of(fields):
    value = value_of(fields, b"grpc-status-details-bin")
    if value is None:
        return None
    read = status_pb2.Status.FromString(binary(value))
    details = []
    for detail in read.details:
        try:
            details.append(in_order(json_format.MessageToDict(detail)))
        except TypeError:  # no google.rpc type
            details.append({"@type": detail.type_url, "hex": detail.value.hex()})
    return {"code": read.code, "message": read.message, "details": details}


def call_of(number, stream, up, down, asked, answered, schemas):
    request = asked[0][0]
    answers = [fields for fields, _ in answered if not (text_of(fields, b":status") or "200").startswith("1")]
    only = len(answered) == 1 and answered[0][1]
    initial = None if only or not answers else answers[0]
    trailing = next((fields for fields, end in answered if end), None)
    resets = {side: ERRORS[half.resets[stream]] for side, half in (("client", up), ("server", down)) if stream in half.resets}
    place = {"connection": number, "stream": stream}
    return told_of(place, text_of(request, b":path"), request, initial, trailing, only, resets, up.data[stream], down.data[stream], schemas)


def told_of(place, path, request, initial, trailing, only, resets, asked_for, answer, schemas):
    method = next((schema.methods[path] for schema in schemas if path in schema.methods), None)
    timeout = text_of(request, b"grpc-timeout")
    encodings = [text_of(request, b"grpc-encoding"), text_of(initial, b"grpc-encoding")]
    kinds = {(False, False): "unary", (True, False): "client-streaming", (False, True): "server-streaming", (True, True): "bidirectional"}
    transport = next(name for name in ("grpc-web-text", "grpc-web", "grpc") if text_of(request, b"content-type").startswith("application/" + name))
    coded = [text_of(request, b"content-encoding"), text_of(initial or trailing, b"content-encoding")]
    if transport != "grpc":
        asked_for, answer = whole(asked_for, request), whole(answer, initial or trailing)
    if transport == "grpc-web-text":
        asked_for, answer = from_text(asked_for), from_text(answer)
    if transport != "grpc":
        answer, within = web_trailers(answer)
        trailing = within if within is not None else trailing
    code, message = text_of(trailing, b"grpc-status"), text_of(trailing, b"grpc-message")
    sent, sent_left = messages_of(asked_for, encodings[0], method and method.input_type.lstrip("."), schemas)
    got, got_left = messages_of(answer, encodings[1], method and method.output_type.lstrip("."), schemas)
    call = {
        **place, "path": path, "transport": transport,
        "kind": kinds[(method.client_streaming, method.server_streaming)] if method else None,
        "timeout": timeout, "timeout_ns": timeout and int(timeout[:-1]) * UNITS[timeout[-1]],
        "encoding": {"request": encodings[0], "response": encodings[1]},
        "metadata": {"request": shown(request), "initial": shown(initial), "trailing": shown(trailing)},
        "status": None if code is None else {"code": int(code), "name": CODES[int(code)]},
        "status_message": None if message is None else urllib.parse.unquote_to_bytes(message).decode("utf-8", "replace"),
        "details": details_of(trailing), "trailers_only": only,
        "resets": resets,
        "messages": {"request": sent, "response": got},
    }
    if any(coded):
        call["content_encoding"] = {"request": coded[0], "response": coded[1]}
    if sent_left or got_left:
        call["partial_bytes"] = {"request": sent_left, "response": got_left}
    return call


class Wire(io.BytesIO):
    """What one side sent, for http.client, which must leave the next message where it is."""

    def makefile(self, *_):
        return self

    def close(self):
        pass


def exchanges_of(up, down):
    """The exchanges of HTTP/1.1: method, target, fields and content of both messages, as Python's own http modules read them."""
    up, down = Wire(up), Wire(down)
    while line := up.readline():
        method, target, _ = line.decode().split(" ")
        fields = http.client.parse_headers(up)
        asked_for = up.read(int(fields.get("content-length", 0)))
        response = http.client.HTTPResponse(down, method=method)
        response.begin()
        yield method, target, raw(fields), asked_for, raw(response.headers), response.read()


def raw(fields):
    """Fields of the call, not of the connection, with names in small letters as HTTP/2 has them."""
    own = ("host", "connection", "transfer-encoding")
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in fields.items() if name.lower() not in own]


def calls_in_exchanges(number, connection, schemas):
    client = connection.client
    server = next(end for end in connection.ends if end != client)
    up, down = connection.sides[client].stream()[0], connection.sides[server].stream()[0]
    for exchange, (_, target, request, asked_for, fields, answer) in enumerate(exchanges_of(up, down)):
        if (text_of(request, b"content-type") or "").startswith("application/grpc-web"):
            only = not whole(answer, fields) and value_of(fields, b"grpc-status") is not None
            yield told_of({"connection": number, "exchange": exchange}, target, request, None if only else fields, fields if only else None, only, {},
                          asked_for, answer, schemas)


def calls_of(path, schemas):
    """`schemas`: names of .proto files, each perhaps with `VERSION=` before it, or of Python modules."""
    by_version = {}
    for name in schemas:
        version, _, file = name.rpartition("=")
        by_version.setdefault(version or None, []).append(file)
    schemas = [Schema(files, version) for version, files in by_version.items()]
    calls = []
    for number, connection in enumerate(second_reader.connections_of(path)[0]):
        protocol, _, halves = second_reader.read_connection(connection)
        if protocol == "http1":
            calls += calls_in_exchanges(number, connection, schemas)
        if not halves:
            continue
        asked, answered = blocks_of(halves[0]), blocks_of(halves[1])
        for stream in sorted(asked):
            if (text_of(asked[stream][0][0], b"content-type") or "").startswith("application/grpc"):
                calls.append(call_of(number, stream, *halves, asked[stream], answered.get(stream, []), schemas))
    note_retries(calls)
    return calls


def note_retries(calls):
    """Gives `retry_of` to each call that says it was tried before (gRFC A6): the latest with the same path and first message."""
    tried = {}
    for call in calls:
        key = call["path"], (call["messages"]["request"] or [{}])[0].get("sha256")
        attempts = next((value for name, value in call["metadata"]["request"] if name == "grpc-previous-rpc-attempts"), None)
        if attempts is not None and key in tried:
            call["retry_of"] = tried[key]
        tried[key] = {part: call[part] for part in ("connection", "stream", "exchange") if part in call}


def parted_from_diary(calls, diary):
    """Where the client's own record (see grpc_stubs.py) says something else. Calls of one path are compared in their order; a list of pairs of metadata
    is part of what the fields say, since gRPC keeps the fields of its own to itself. A call that the client gave up gets `client_was_told`."""
    left, told_of = {}, {told["path"] for told in diary}
    for call in calls:
        if call["path"] not in told_of:
            continue  # made by another program
        left.setdefault(call["path"], []).append(call)
    for again in calls:  # an attempt is no call of its own to the client
        if again.get("retry_of"):
            left[again["path"]] = [call for call in left.get(again["path"], []) if again["retry_of"] != {"connection": call["connection"], "stream": call["stream"]}]
    for told in diary:
        if not left.get(told["path"]):
            yield f"{told['path']}: the capture has fewer calls than the client made"
            continue
        call = left[told["path"]].pop(0)
        where = f"{call['connection']}/{call['stream']} {call['path']}"
        if call["resets"].get("client"):
            # The client ended it by itself and knows more than the capture shows.
            call["client_was_told"] = {"status": told["status"], "status_message": told["status_message"]}
        elif call["status"] != told["status"]:
            yield f"{where}: status {call['status']}, the client was told {told['status']}"
        elif (call["status_message"] or "") != told["status_message"]:
            yield f"{where}: message {call['status_message']!r}, the client was told {told['status_message']!r}"
        if told.get("responses") is not None and told["responses"] > len(call["messages"]["response"]):
            yield f"{where}: {len(call['messages']['response'])} answers, the client took {told['responses']}"
        # What gRPC sends is rounded up, and less when connecting took some of it.
        asked = (told["timeout_s"] or 0) * 1e9
        if call["timeout"] is not None and not call.get("retry_of") and not asked - 6e8 < call["timeout_ns"] < asked * 1.01 + 6e7:
            yield f"{where}: timeout {call['timeout_ns']} ns, the client asked for {told['timeout_s']} s"
        if (told["timeout_s"] is None) != (call["timeout"] is None):
            yield f"{where}: timeout {call['timeout']}, the client asked for {told['timeout_s']} s"
        for part, key in (("request", "metadata"), ("initial", "initial"), ("trailing", "trailing")):
            for pair in told[key]:
                if call["status"] and pair not in call["metadata"][part]:
                    yield f"{where}: {part} metadata lacks {pair}"
    for path, rest in left.items():
        if rest:
            yield f"{path}: {len(rest)} calls that the client has not written down"


def passing_on(left, asked):
    """How a server dealt with the time that its caller had left."""
    if left is None:
        return "none" if asked is None else "own"
    return "forgotten" if asked is None else "longer" if asked > left + 0.001 else "inherited"


def link(calls, served):
    """Gives `parent` to each call that a server made while it served another, by that server's own record: what it served in the order of beginning,
    and what it made for each. A record's line is matched by path and by the first request."""
    left = list(calls)

    def take(line):
        for call in left:
            if call["path"] == line["path"] and call["messages"]["request"] and call["messages"]["request"][0].get("json") == line["request"]:
                left.remove(call)
                return call
        return None
    for line in served:
        parent = take(line)
        for made in line["made"]:
            child = take(made)
            if parent is None or child is None:
                yield f"{made['path']} for {line['path']}: not in the capture"
            else:
                child["parent"] = {"connection": parent["connection"], "stream": parent["stream"],
                                   "left_s": made["left_s"], "asked_s": made["timeout_s"], "deadline": passing_on(made["left_s"], made["timeout_s"])}


if __name__ == "__main__":
    json.dump(calls_of(sys.argv[1], sys.argv[2:]), sys.stdout, indent=1, ensure_ascii=False)
    print()
