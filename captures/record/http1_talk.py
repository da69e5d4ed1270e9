#!/usr/bin/env python3
"""What curl does not do over HTTP/1.1: requests that do not wait for each other, and WebSocket.

Needs:  pip install websockets.

    http1_talk.py serve ADDRESS PORT               answers messages of WebSocket until it is ended
    http1_talk.py talk ADDRESS PORT                talks to it
    http1_talk.py pipeline ADDRESS PORT PATH…      asks for all paths in one segment
"""
import asyncio
import socket
import sys


async def serve(address, port):
    from websockets.asyncio.server import serve as listen

    async def answer(connection):
        async for message in connection:
            await connection.send(message.upper() if isinstance(message, str) else bytes(reversed(message)))

    async with listen(answer, address, port, compression=None):
        await asyncio.get_running_loop().create_future()


async def talk(address, port):
    from websockets.asyncio.client import connect

    async with connect(f"ws://{address}:{port}/loom", compression=None, origin="http://loom.example") as connection:
        for message in ("A thread to be woven.", bytes(range(40)), "weft " * 60):
            await connection.send(message)
            print(len(await connection.recv()))
        await (await connection.ping(b"shuttle"))


def pipeline(address, port, paths):
    import http.client

    asked = "".join(f"GET {path} HTTP/1.1\r\nHost: loom.example\r\nUser-Agent: loom\r\n\r\n" for path in paths)
    with socket.create_connection((address, port)) as wire:
        wire.sendall(asked.encode())
        stream = wire.makefile("rb")
        keep = type("Keep", (), {"makefile": lambda self, *_: stream})()
        stream.close = lambda: None
        for path in paths:
            response = http.client.HTTPResponse(keep, method="GET")
            response.begin()
            print(path, response.status, len(response.read()))


what, address, port, *rest = sys.argv[1:]
if what == "pipeline":
    pipeline(address, int(port), rest)
else:
    asyncio.run({"serve": serve, "talk": talk}[what](address, int(port)))
