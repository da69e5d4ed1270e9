#!/usr/bin/env python3
"""What was missing at the receiver, and which streams waited for it: from the wire's own record, not from the capture's ACKs.

Makes:  a list of holes for the facts page; `facts.py` calls `holes_of`. Each has `direction`, `offset` in that direction's bytes, `bytes`,
        `opened_ns` when the first segment beyond it came out of the wire and `filled_ns` when its own bytes did, `blocked_bytes` that came in between
        and lie beyond it, and these by stream as frames with their headers, with the longest wait.
Needs:  pip install hyperframe hpack; NAME.wire.deliveries.json as lossy_wire.py writes it with --deliveries.

    receiver_holes.py CAPTURE DELIVERIES
"""
import bisect
import json
import sys

import second_reader
from second_reader import PREFACE


def streams_by_position(data):
    """The starts of frames and the streams they belong to."""
    at = len(PREFACE) if data.startswith(PREFACE) else 0
    starts, streams = [0], [0]
    while at + 9 <= len(data):
        starts.append(at)
        streams.append(int.from_bytes(data[at + 5:at + 9], "big") & 0x7FFFFFFF)
        at += 9 + int.from_bytes(data[at:at + 3], "big")
    return starts, streams


def gaps_in(have):
    """The gaps between the ranges that are there, from position 0 on."""
    at, gaps = 0, []
    for start, end in have:
        if start > at:
            gaps.append((at, start))
        at = max(at, end)
    return gaps


def holes_of(path, deliveries):
    connection = second_reader.connections_of(path)[0][0]
    found = []
    for side in ("client", "server"):
        end = connection.client if side == "client" else next(e for e in connection.ends if e != connection.client)
        starts, streams = streams_by_position(connection.sides[end].stream()[0])
        first, have, holes = connection.sides[end].first, [], []
        for one in deliveries:
            if one["from"] != side:
                continue
            start = (one["sequence"] - first) & 0xFFFFFFFF
            new = [(start, start + one["payload_bytes"])]
            for a, b in have:  # what came a second time is not new
                new = [piece for x, y in new for piece in ((x, min(y, a)), (max(x, b), y)) if piece[0] < piece[1]]
            have = sorted(have + new)
            gaps = gaps_in(have)
            for hole in holes:
                if hole["filled_ns"] is None and not any(a < hole["offset"] + hole["bytes"] and hole["offset"] < b for a, b in gaps):
                    hole["filled_ns"] = one["time_ns"]
            for a, b in gaps:
                if not any(hole["filled_ns"] is None and a < hole["offset"] + hole["bytes"] and hole["offset"] < b for hole in holes):
                    holes.append({"direction": side, "offset": a, "bytes": b - a, "opened_ns": one["time_ns"], "filled_ns": None, "came": []})
            for hole in holes:
                if hole["filled_ns"] is None:
                    hole["came"] += [(one["time_ns"], piece) for piece in new if piece[0] >= hole["offset"] + hole["bytes"]]
        for hole in holes:
            waited = {}
            for time, (a, b) in hole.pop("came"):
                for at in range(bisect.bisect_right(starts, a) - 1, bisect.bisect_left(starts, b)):
                    until = starts[at + 1] if at + 1 < len(starts) else b
                    entry = waited.setdefault(streams[at], {"stream": streams[at], "bytes": 0, "waited_ns": 0})
                    entry["bytes"] += min(b, until) - max(a, starts[at])
                    entry["waited_ns"] = max(entry["waited_ns"], hole["filled_ns"] - time)
            hole["streams"] = [waited[stream] for stream in sorted(waited)]
            hole["blocked_bytes"] = sum(entry["bytes"] for entry in hole["streams"])
        found += holes
    return sorted(found, key=lambda hole: hole["opened_ns"])


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        print(json.dumps(holes_of(sys.argv[1], json.load(file)), indent=1))
