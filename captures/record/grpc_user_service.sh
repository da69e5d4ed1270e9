#!/usr/bin/env bash
# Records grpc-user-service.pcapng: a gRPC service with the four kinds of call, an error, two deadlines and one that passed.
#
# Needs:  root, Debian: iproute2 wireshark-common; Python with `pip install grpcio grpcio-tools` (PYTHON names another python3)
# Makes:  captures/grpc-user-service.pcapng (Ethernet, IPv6, recorded at the client). Takes about ten seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 5 --rate-mbit 20
server_start "$PYTHON" "$record_dir/grpc_users.py" serve '[2001:db8::2]:50051'
server_listens_on 50051
capture_start grpc-user-service.pcapng wire0 'tcp port 50051'
in_client timeout 40 "$PYTHON" "$record_dir/grpc_users.py" tour '[2001:db8::2]:50051'
capture_stop
