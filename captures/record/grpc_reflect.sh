#!/usr/bin/env bash
# Records grpc-reflection.pcapng: a client that asks a server for its schema, and then calls it with nothing else.
#
# Needs:  root, Debian: iproute2 wireshark-common; Python with `pip install grpcio grpcio-tools grpcio-reflection` (PYTHON names another python3)
# Makes:  captures/grpc-reflection.pcapng (Ethernet, recorded at the client) and captures/grpc-reflection.client.json. Ten seconds.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 5 --rate-mbit 20
server_start "$PYTHON" "$record_dir/grpc_reflect.py" serve 192.0.2.2:50051
server_listens_on 50051
capture_start grpc-reflection.pcapng wire0 'tcp port 50051'
in_client timeout 40 "$PYTHON" "$record_dir/grpc_reflect.py" tour 192.0.2.2:50051 "$captures_dir/grpc-reflection.client.json"
capture_stop
