#!/usr/bin/env bash
# Records grpc-tonic.pcapng: a gRPC client in Rust (tonic) that asks a server in Rust, and then one in Python.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common protobuf-compiler libprotobuf-dev; cargo (the first build takes a minute; LOOM_TONIC names a
#         program that is built already); Python with `pip install grpcio grpcio-tools` (PYTHON names another python3)
# Makes:  captures/grpc-tonic.pcapng (Ethernet, IPv6, recorded at the client). Ten seconds, never over ninety.
source "$(dirname "$0")/wire.sh"

build_tonic
wire_up --delay-ms 5 --rate-mbit 20
server_start "$LOOM_TONIC" serve '[2001:db8::2]:50051'
server_start "$PYTHON" "$record_dir/grpc_users.py" serve '[2001:db8::2]:50052'
server_listens_on 50051
server_listens_on 50052
capture_start grpc-tonic.pcapng wire0 'tcp port 50051 or tcp port 50052'
in_client timeout 40 "$LOOM_TONIC" tour '[2001:db8::2]:50051'
in_client timeout 40 "$LOOM_TONIC" tour '[2001:db8::2]:50052' # lacks user -45 and knows no zstd
capture_stop
