"""What Python's protobuf says of messages: their values, and the truth about their LEN fields. For the scripts beside it."""

import math
import struct

from google.protobuf.descriptor import FieldDescriptor as F


def plain(field, value):
    if field.type in (F.TYPE_MESSAGE, F.TYPE_GROUP):
        return reading(value)
    if field.type == F.TYPE_ENUM:
        named = field.enum_type.values_by_number.get(value)
        return named.name if named else value
    if field.type == F.TYPE_BYTES:
        return value.hex()
    if field.type in (F.TYPE_FLOAT, F.TYPE_DOUBLE):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        # As bits: JSON's numbers are decimal.
        if field.type == F.TYPE_FLOAT:
            return {"float": struct.unpack("<I", struct.pack("<f", value))[0]}
        return {"double": struct.unpack("<Q", struct.pack("<d", value))[0]}
    return value


def repeated(field):
    return field.is_repeated if hasattr(field, "is_repeated") else field.label == F.LABEL_REPEATED


def reading(message):
    """What Python says that a message holds: names to values, in a dictionary."""
    name = message.DESCRIPTOR.full_name
    if name in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
        return message.ToJsonString()
    made = {}
    for field, value in message.ListFields():
        key = f"[{field.full_name}]" if field.is_extension else field.name
        entry = field.message_type
        if entry and entry.GetOptions().map_entry:
            of = entry.fields_by_name["value"]
            made[key] = {str(k).lower() if isinstance(k, bool) else str(k): plain(of, value[k]) for k in value}
        elif repeated(field):
            made[key] = [plain(field, each) for each in value]
        else:
            made[key] = plain(field, value)
    return made


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def contents(descriptor, data, at, end, path, extensions):
    """The truth about every LEN field: a second walk over the bytes, led by Python's descriptors."""
    found = []
    while at < end:
        tag, at = varint(data, at)
        number, kind = tag >> 3, tag & 7
        field = descriptor.fields_by_number.get(number) or extensions.get((descriptor.full_name, number))
        here = path + [number]
        if kind == 0:
            _, at = varint(data, at)
        elif kind == 1:
            at += 8
        elif kind == 5:
            at += 4
        elif kind == 3:
            start = at
            inner, at = contents(field.message_type, data, at, end, here, extensions)
            found += inner
        elif kind == 4:
            return found, at
        else:
            length, at = varint(data, at)
            if field.type == F.TYPE_MESSAGE:
                what = "message"
            elif field.type == F.TYPE_STRING:
                what = "string"
            elif field.type == F.TYPE_BYTES:
                what = "bytes"
            elif field.type in (F.TYPE_FIXED32, F.TYPE_SFIXED32, F.TYPE_FLOAT):
                what = "packed 32"
            elif field.type in (F.TYPE_FIXED64, F.TYPE_SFIXED64, F.TYPE_DOUBLE):
                what = "packed 64"
            else:
                what = "packed varint"
            if descriptor.full_name == "google.protobuf.Any" and field.name == "value":
                # Any content; here always a message.
                what = "message"
            found.append([here, [at, at + length], what])
            if what == "message" and field.type == F.TYPE_MESSAGE:
                found += contents(field.message_type, data, at, at + length, here, extensions)[0]
            at += length
    return found, at
