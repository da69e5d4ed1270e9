#!/usr/bin/env python3
"""Copies a capture and leaves out what describes the machine it was recorded on.

Makes:  OUT, equal to IN but for the section header's options `shb_hardware` (2) and `shb_os` (3), which dumpcap fills
        with the processor and the kernel, and the interface's `if_os` (12) and `if_hardware` (15). Packets are untouched.
Needs:  nothing outside the standard library.

    tidy.py IN OUT
"""
import struct
import sys


def options_without(data, order, codes):
    """Walks pcapng options (code, length, value padded to 4) and drops the given codes."""
    kept, at = b"", 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, at)
        size = 4 + (length + 3) // 4 * 4
        if code not in codes:
            kept += data[at:at + size]
        at += size
        if code == 0:
            break
    return kept


def main():
    source, target = sys.argv[1:3]
    data = open(source, "rb").read()
    out, at, order = b"", 0, "<"
    if data[:4] != b"\x0a\x0d\x0d\x0a":
        out, at = data, len(data)  # classic pcap: its header tells nothing
    while at < len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, length = struct.unpack_from(order + "II", data, at)
        block = data[at:at + length]
        fixed, drop = {0x0A0D0D0A: (24, {2, 3}), 1: (16, {12, 15})}.get(kind, (None, None))
        if fixed is not None:
            body = block[8:fixed] + options_without(block[fixed:-4], order, drop)
            total = len(body) + 12
            block = struct.pack(order + "II", kind, total) + body + struct.pack(order + "I", total)
        out += block
        at += length
    open(target, "wb").write(out)


main()
