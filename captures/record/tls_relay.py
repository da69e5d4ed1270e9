#!/usr/bin/env python3
"""Takes TLS off one end of a connection, or puts it on, so that what lies between can be recorded in clear.

Some programs speak HTTP/2 only over TLS. With a relay beside each of them, the bytes that they write cross the wire in clear, unchanged and in the same
order; only where TCP cuts them may differ.

Makes:  a listener that runs until it is told to stop (SIGTERM, SIGINT) or `--seconds` have passed. Prints `ready` once it listens.
Needs:  nothing outside the standard library.

    tls_relay.py take-off LISTEN CONNECT --cert FILE --key FILE    TLS from the client, in clear to the server
    tls_relay.py put-on LISTEN CONNECT                             in clear from the client, TLS to the server (any certificate)

LISTEN and CONNECT are ADDRESS:PORT. The protocol offered and asked for by ALPN is `h2` alone.
"""
import argparse
import asyncio
import signal
import ssl


def end_of(text):
    address, port = text.rsplit(":", 1)
    return address.strip("[]"), int(port)


async def carry(reader, writer):
    """Copies until the sender has no more to say."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, ssl.SSLError):
        pass
    finally:
        if not writer.is_closing():
            if writer.can_write_eof():
                writer.write_eof()
            else:
                writer.close()  # TLS knows no half-closed connection


async def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("job", choices=["take-off", "put-on"])
    cli.add_argument("listen", type=end_of)
    cli.add_argument("connect", type=end_of)
    cli.add_argument("--cert")
    cli.add_argument("--key")
    cli.add_argument("--seconds", type=float, default=90.0)
    opt = cli.parse_args()
    outer = inner = None
    if opt.job == "take-off":
        outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        outer.load_cert_chain(opt.cert, opt.key)
        outer.set_alpn_protocols(["h2"])
    else:
        inner = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        inner.check_hostname = False
        inner.verify_mode = ssl.CERT_NONE
        inner.set_alpn_protocols(["h2"])

    async def relay(reader, writer):
        try:
            # A browser opens connections that it never uses; these go no further.
            first = await reader.read(65536)
            if not first:
                writer.close()
                return
            onward_reader, onward_writer = await asyncio.open_connection(*opt.connect, ssl=inner)
            onward_writer.write(first)
        except (OSError, ssl.SSLError):
            writer.close()
            return
        await asyncio.gather(carry(reader, onward_writer), carry(onward_reader, writer))
        for end in (writer, onward_writer):
            end.close()

    server = await asyncio.start_server(relay, *opt.listen, ssl=outer)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print("ready", flush=True)
    async with server:
        try:
            await asyncio.wait_for(stop.wait(), opt.seconds)
        except asyncio.TimeoutError:
            pass


asyncio.run(main())
