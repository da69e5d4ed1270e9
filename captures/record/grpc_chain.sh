#!/usr/bin/env bash
# Records grpc-chain.pcapng: A asks B, and B asks C for it. A and B are Python, C is Rust. Recorded at B, which sees both.
#
# Needs:  root, Debian: iproute2 wireshark-common protobuf-compiler libprotobuf-dev; cargo (see grpc_tonic.sh); Python with `pip install grpcio grpcio-tools`
# Makes:  captures/grpc-chain.pcapng (Ethernet; A is 192.0.2.1, B .2, C .3), grpc-chain.client.json by A and grpc-chain.server.json by B. Ten seconds.
source "$(dirname "$0")/wire.sh"

build_tonic
wire_up --delay-ms 4 --rate-mbit 20
# C lives in the client's namespace with an address of its own, so what B asks it crosses the same wire.
ip -n "$client_ns" addr add 192.0.2.3/24 dev wire0
ip -n "$server_ns" neigh add 192.0.2.3 lladdr 02:00:00:00:00:01 dev wire0
client_start "$LOOM_TONIC" serve 192.0.2.3:50052
client_listens_on 50052
capture_start grpc-chain.pcapng wire0 'tcp port 50051 or tcp port 50052' server
server_start "$PYTHON" "$record_dir/grpc_chain.py" serve 192.0.2.2:50051 192.0.2.3:50052 "$captures_dir/grpc-chain.server.json"
orders=${started[-1]}
server_listens_on 50051
in_client timeout 40 "$PYTHON" "$record_dir/grpc_chain.py" tour 192.0.2.2:50051 "$captures_dir/grpc-chain.client.json"
kill -TERM "$orders"
capture_stop
