#!/usr/bin/env python3
"""A wire between two network namespaces, with a speed, a length and faults.

Makes:  a TAP interface named `wire0` in each of two existing namespaces, and carries every Ethernet frame
        from one to the other until it is told to stop (SIGTERM, SIGINT) or `--seconds` have passed.
Needs:  root, Linux, /dev/net/tun. Nothing outside the standard library. Two namespaces must exist already.

    lossy_wire.py CLIENT_NETNS SERVER_NETNS [--delay-ms 10] [--rate-mbit 8] [--queue-kb 256]
                  [--seed 1] [--drop 0.01] [--swap 0.02] [--repeat 0] [--side server] [--spare 12] [--log FILE [--deliveries]]

A frame waits until the wire is free (rate), then travels for `delay-ms`. With `--drop` it may vanish, with
`--swap` it may be held back until several later frames have passed, with `--repeat` it may arrive twice. The
dice come from the seed and from the number of the frame in its direction; the programs at both ends keep their
own clocks, so two recordings with one seed are alike but not equal byte for byte.
With `--log` it writes at its end, as JSON, what it did to which TCP packet (IPv4 only): the truth that an analysis of the capture can be held
against; with `--deliveries` also, in a second file, when each packet with data came out at the far end. Prints `ready` when both ends are open.
"""
import argparse
import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import signal
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
CLONE_NEWNET = 0x40000000


def tap_in(namespace):
    """Opens `wire0` inside the namespace and returns its file descriptor."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(there, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH14x", b"wire0", IFF_TAP | IFF_NO_PI))
    if libc.setns(home, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "cannot come home")
    os.close(there)
    os.close(home)
    return tap


def tcp_of(frame):
    """The sequence number and payload length of a TCP packet over IPv4, or None."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return None
    start = 14 + (frame[14] & 15) * 4
    end = 14 + int.from_bytes(frame[16:18], "big")
    return {"sequence": int.from_bytes(frame[start + 4:start + 8], "big"), "payload_bytes": end - start - (frame[start + 12] >> 4) * 4}


def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("client")
    cli.add_argument("server")
    cli.add_argument("--delay-ms", type=float, default=10.0)
    cli.add_argument("--rate-mbit", type=float, default=8.0)
    cli.add_argument("--queue-kb", type=float, default=256.0)
    cli.add_argument("--seed", type=int, default=1)
    cli.add_argument("--drop", type=float, default=0.0)
    cli.add_argument("--swap", type=float, default=0.0)
    cli.add_argument("--repeat", type=float, default=0.0)
    cli.add_argument("--side", choices=["client", "server", "both"], default="server", help="whose packets suffer")
    cli.add_argument("--spare", type=int, default=12, help="the first N frames of each side always pass")
    cli.add_argument("--log", help="write what was done to which packet")
    cli.add_argument("--deliveries", action="store_true", help="also write when each packet with data came out at the far end")
    cli.add_argument("--seconds", type=float, default=60.0)
    opt = cli.parse_args()

    taps = [tap_in(opt.client), tap_in(opt.server)]
    names = ["client", "server"]
    dice = [random.Random(opt.seed * 2), random.Random(opt.seed * 2 + 1)]
    suffers = [opt.side in (name, "both") for name in names]
    free_at, seen = [0.0, 0.0], [0, 0]
    lost, deeds, deliveries = [0, 0], [], []
    flight, order = [], 0  # (arrival, order, destination, frame)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    end = time.monotonic() + opt.seconds
    print("ready", flush=True)
    try:
        while time.monotonic() < end:
            now = time.monotonic()
            while flight and flight[0][0] <= now:
                _, _, to, frame = heapq.heappop(flight)
                told = tcp_of(frame)
                if told and told["payload_bytes"]:
                    deliveries.append({"from": names[1 - to], **told, "time_ns": time.time_ns()})
                try:
                    os.write(taps[to], frame)
                except OSError:
                    pass  # the far interface is down: the frame is gone, as on a real wire
            wait = min(flight[0][0] - time.monotonic(), 0.2) if flight else 0.2
            ready, _, _ = select.select(taps, [], [], max(wait, 0))
            for tap in ready:
                side = taps.index(tap)
                try:
                    frame = os.read(tap, 65536)
                except OSError:
                    continue
                now = time.monotonic()
                seconds_per_byte = 8 / (opt.rate_mbit * 1e6)
                if (free_at[side] - now) / seconds_per_byte > opt.queue_kb * 1000:
                    lost[side] += 1  # the queue before the wire is full
                    continue
                free_at[side] = max(now, free_at[side]) + len(frame) * seconds_per_byte
                arrival = free_at[side] + opt.delay_ms / 1000
                seen[side] += 1
                roll = dice[side].random()
                copies = 1
                fate = None
                if suffers[side] and seen[side] > opt.spare:
                    if roll < opt.drop:
                        lost[side] += 1
                        copies, fate = 0, "dropped"
                    elif roll < opt.drop + opt.swap:
                        arrival += 4.5 * 1500 * seconds_per_byte
                        fate = "held back"
                    elif roll < opt.drop + opt.swap + opt.repeat:
                        copies, fate = 2, "repeated"
                if fate and tcp_of(frame):
                    deeds.append({"from": names[side], "fate": fate, **tcp_of(frame)})
                for _ in range(copies):
                    order += 1
                    heapq.heappush(flight, (arrival, order, 1 - side, frame))
    finally:
        if opt.log:
            with open(opt.log, "w") as file:
                json.dump({"seed": opt.seed, "drop": opt.drop, "swap": opt.swap, "repeat": opt.repeat, "deeds": deeds}, file, indent=1)
                file.write("\n")
            if opt.deliveries:
                lines = ",\n".join(json.dumps(one) for one in deliveries)
                with open(opt.log.replace(".json", ".deliveries.json"), "w") as file:
                    file.write(f"[\n{lines}\n]\n")
        print(f"carried {seen[0]} + {seen[1]} frames, lost {lost[0]} + {lost[1]}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
