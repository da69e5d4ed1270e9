#!/usr/bin/env bash
# Records grpc-retries.pcapng: gRPC calls made again by policy, connections that grow old (GOAWAY), and keepalive pings.
#
# Needs:  root, Debian: iproute2 wireshark-common protobuf-compiler libprotobuf-dev; cargo (see grpc_tonic.sh); Python with `pip install grpcio grpcio-tools`
# Makes:  captures/grpc-retries.pcapng (Ethernet, recorded at the client) and captures/grpc-retries.client.json. Ten seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

build_tonic
wire_up --delay-ms 5 --rate-mbit 20
server_start "$PYTHON" "$record_dir/grpc_retries.py" serve 192.0.2.2:50051
server_listens_on 50051
capture_start grpc-retries.pcapng wire0 'tcp port 50051'
in_client timeout 40 "$PYTHON" "$record_dir/grpc_retries.py" tour 192.0.2.2:50051 "$captures_dir/grpc-retries.client.json"
in_client timeout 40 "$LOOM_TONIC" keep-alive 192.0.2.2:50051
capture_stop
