#!/usr/bin/env bash
# Records grpc-large.pcapng.gz: gRPC messages of a megabyte, plain and compressed.
#
# Needs:  root, Debian: iproute2 wireshark-common gzip; Python with `pip install grpcio grpcio-tools` (PYTHON names another python3)
# Makes:  captures/grpc-large.pcapng.gz (Ethernet, recorded at the client, packed by gzip) and captures/grpc-large.client.json. Ten seconds.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 2 --rate-mbit 100 --queue-kb 4000
server_start "$PYTHON" "$record_dir/grpc_large.py" serve 192.0.2.2:50051
server_listens_on 50051
capture_start grpc-large.pcapng wire0 'tcp port 50051'
in_client timeout 40 "$PYTHON" "$record_dir/grpc_large.py" tour 192.0.2.2:50051 "$captures_dir/grpc-large.client.json"
capture_stop
gzip -9 -n -f "$captures_dir/grpc-large.pcapng"
