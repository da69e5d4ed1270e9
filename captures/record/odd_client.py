#!/usr/bin/env python3
"""An HTTP/2 client that does on one connection what real clients do seldom: ping, cancel, shrink its table, send unknown frames, say goodbye.

Makes:  traffic for the recording large-headers. Every frame but the two extension frames is made by the `h2` library.
Needs:  pip install h2.

    odd_client.py HOST PORT
"""
import socket
import sys

import h2.config
import h2.connection
import h2.events
import h2.settings

host, port = sys.argv[1], int(sys.argv[2])
wire = socket.create_connection((host, port), timeout=5)
http2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))


def flush():
    wire.sendall(http2.data_to_send())


def ask(path, *more):
    stream = http2.get_next_available_stream_id()
    http2.send_headers(stream, [(":method", "GET"), (":scheme", "http"), (":authority", "loom.example"), (":path", path), *more],
                       end_stream=True)
    flush()
    return stream


def until(wanted, after=None):
    """Reads until an event satisfies `wanted`; gives received bytes back to the windows."""
    while True:
        data = wire.recv(65536)
        if not data:
            sys.exit("the server closed the connection")
        for event in http2.receive_data(data):
            if isinstance(event, h2.events.DataReceived) and event.flow_controlled_length:
                if event.stream_id in http2.streams and not http2.streams[event.stream_id].closed:
                    http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if wanted(event):
                flush()
                return event
        flush()


def ended(stream):
    return lambda event: isinstance(event, h2.events.StreamEnded) and event.stream_id == stream


http2.initiate_connection()
flush()
until(ended(ask("/api/1.json", ("cookie", "session=42"), ("x-note", "the table still has 4096 bytes"))))
http2.ping(b"are you?")
flush()
until(lambda event: isinstance(event, h2.events.PingAckReceived))
# PRIORITY_UPDATE (RFC 9218 §7.1) for stream 3, which is still idle, and a frame of a reserved-looking type (RFC 9113 §5.5).
wire.sendall(b"\x00\x00\x09\x10\x00\x00\x00\x00\x00" + b"\x00\x00\x00\x03" + b"u=1,i")
wire.sendall(b"\x00\x00\x06\xbe\x00\x00\x00\x00\x00" + b"grease")
until(ended(ask("/api/2.json", ("cookie", "session=42"), ("priority", "u=1, i"))))
# A smaller table: the server's next header block begins with a size update (RFC 7541 §6.3).
http2.update_settings({h2.settings.SettingCodes.HEADER_TABLE_SIZE: 128})
flush()
until(lambda event: isinstance(event, h2.events.SettingsAcknowledged))
until(ended(ask("/api/3.json", ("cookie", "session=42"))))
# A download given up after its first bytes.
big = ask("/img/loom.png")
until(lambda event: isinstance(event, h2.events.DataReceived) and event.stream_id == big)
http2.reset_stream(big, error_code=8)
flush()
until(ended(ask("/api/4.json", ("cookie", "session=42"))))
until(ended(ask("/no/such/page")))
http2.close_connection(error_code=0, additional_data=b"thank you, that was all")
flush()
wire.close()
