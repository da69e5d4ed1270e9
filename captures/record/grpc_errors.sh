#!/usr/bin/env bash
# Records grpc-errors.pcapng: calls that fail in every way, with and without details.
#
# Needs:  root, Debian: iproute2 wireshark-common; Python with `pip install grpcio grpcio-tools grpcio-status googleapis-common-protos`
# Makes:  captures/grpc-errors.pcapng (Ethernet, recorded at the client) and captures/grpc-errors.client.json. Ten seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 5 --rate-mbit 20
server_start "$PYTHON" "$record_dir/grpc_errors.py" serve 192.0.2.2:50051 2>/dev/null # it prints the mistake that it makes on purpose
server_listens_on 50051
capture_start grpc-errors.pcapng wire0 'tcp port 50051'
in_client timeout 40 "$PYTHON" "$record_dir/grpc_errors.py" tour 192.0.2.2:50051 "$captures_dir/grpc-errors.client.json"
capture_stop
