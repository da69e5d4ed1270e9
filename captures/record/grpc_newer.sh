#!/usr/bin/env bash
# Records grpc-newer-server.pcapng: a client with the first version of a schema and a server with the second.
#
# Needs:  root, Debian: iproute2 wireshark-common; Python with `pip install grpcio grpcio-tools` (PYTHON names another python3)
# Makes:  captures/grpc-newer-server.pcapng (Ethernet, recorded at the client) and captures/grpc-newer-server.client.json. Ten seconds.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 5 --rate-mbit 20
server_start "$PYTHON" "$record_dir/grpc_newer.py" serve 192.0.2.2:50051
server_listens_on 50051
capture_start grpc-newer-server.pcapng wire0 'tcp port 50051'
in_client timeout 40 "$PYTHON" "$record_dir/grpc_newer.py" tour 192.0.2.2:50051 "$captures_dir/grpc-newer-server.client.json"
capture_stop
