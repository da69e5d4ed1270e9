#!/usr/bin/env python3
"""Python's HTTP/2: an ASGI application for hypercorn, and a client with httpx. Both stand on the library h2.

Needs:  pip install 'httpx[http2]' hypercorn.

    python_http2.py serve ADDRESS:PORT SITE     until it is told to stop, a minute at most
    python_http2.py fetch URL                   a fixed list of requests
"""
import asyncio
import os
import sys


def application(site):
    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/upload":
            size, more = 0, True
            while more:
                event = await receive()
                size += len(event.get("body", b""))
                more = event.get("more_body", False)
            status, body = 200, f"received {size} bytes\n".encode()
        elif path == "/events":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
            for number in range(5):
                await send({"type": "http.response.body", "body": f"id: {number}\ndata: tick\n\n".encode(), "more_body": True})
                await asyncio.sleep(0.02)
            await send({"type": "http.response.body", "body": b""})
            return
        else:
            file = os.path.join(site, path.lstrip("/"))
            status, body = (200, open(file, "rb").read()) if os.path.isfile(file) else (404, b"there is no such thing\n")
        headers = [(b"content-length", str(len(body)).encode()), (b"set-cookie", b"session=42; HttpOnly"), (b"set-cookie", b"theme=dark")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
    return app


async def serve(bind, site):
    import hypercorn.asyncio
    import hypercorn.config
    config = hypercorn.config.Config()
    config.bind = [bind]
    config.accesslog = None
    try:
        await asyncio.wait_for(hypercorn.asyncio.serve(application(site), config, shutdown_trigger=lambda: asyncio.sleep(60)), 65)
    except asyncio.TimeoutError:
        pass


async def fetch(base):
    import httpx
    async with httpx.AsyncClient(http1=False, http2=True, base_url=base, timeout=10) as client:
        async def get(path, **more):
            response = await client.get(path, **more)
            print(response.http_version, path, response.status_code, len(response.content))
        await get("/api/1.json", headers={"cookie": "session=42; theme=dark"})
        await asyncio.gather(*(get(path) for path in ("/api/2.json", "/style.css", "/print.css", "/no/such/page", "/img/warp.png")))
        response = await client.post("/upload", files={"picture": ("loom.png", b"\x89PNG" + bytes(90_000))}, data={"name": "Alice"})
        print(response.text.strip())

        async def pieces():
            for number in range(4):
                yield f"piece {number}\n".encode()
                await asyncio.sleep(0.01)
        print((await client.post("/upload", content=pieces())).text.strip())
        async with client.stream("GET", "/events") as response:
            async for line in response.aiter_lines():
                if line.startswith("id: 2"):
                    break  # what follows is not wanted any more
        await get("/api/3.json")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(sys.argv[2], sys.argv[3]))
    else:
        asyncio.run(fetch(sys.argv[2]))
