#!/usr/bin/env bash
# Records grpc-shapes.pcapng: messages with every scalar type and every shape of protobuf field, each sent and sent back.
#
# Needs:  root, Debian: iproute2 wireshark-common; Python with `pip install grpcio grpcio-tools` (PYTHON names another python3)
# Makes:  captures/grpc-shapes.pcapng (Ethernet, recorded at the client) and captures/grpc-shapes.client.json. Ten seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 2 --rate-mbit 50
server_start "$PYTHON" "$record_dir/grpc_shapes.py" serve 192.0.2.2:50051
server_listens_on 50051
capture_start grpc-shapes.pcapng wire0 'tcp port 50051'
in_client timeout 40 "$PYTHON" "$record_dir/grpc_shapes.py" tour 192.0.2.2:50051 "$captures_dir/grpc-shapes.client.json"
capture_stop
