#!/usr/bin/env bash
# Records grpc-web.pcapng: gRPC-Web, binary and as text, from a client as a browser's script is one, at a server in Rust (tonic-web).
#
# Needs:  root, Debian: iproute2 wireshark-common protobuf-compiler libprotobuf-dev; cargo (see grpc_tonic.sh); Python with
#         `pip install grpcio-tools 'httpx[http2]'` (PYTHON names another python3)
# Makes:  captures/grpc-web.pcapng (Ethernet, recorded at the client; HTTP/2 is on port 8080, HTTP/1.1 on 8081). Ten seconds, never over ninety.
source "$(dirname "$0")/wire.sh"

build_tonic
wire_up --delay-ms 5 --rate-mbit 20
server_start "$LOOM_TONIC" serve-web 192.0.2.2:8080
server_start "$LOOM_TONIC" serve-web 192.0.2.2:8081
server_listens_on 8080
server_listens_on 8081
capture_start grpc-web.pcapng wire0 'tcp port 8080 or tcp port 8081'
in_client timeout 40 "$PYTHON" "$record_dir/grpc_web.py" http://192.0.2.2:8080 http://192.0.2.2:8081
capture_stop
