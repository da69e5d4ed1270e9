#!/usr/bin/env bash
# Records grpc-deadlines.pcapng: A asks B, and B asks C (in Rust) and D for it with deadlines of its own, shorter than what A allows. A and B are
# Python; D is Python too, and knows nothing of deadlines. Recorded at B, which sees all.
#
# Needs:  root, Debian: iproute2 wireshark-common protobuf-compiler libprotobuf-dev; cargo (see grpc_tonic.sh); Python with
#         `pip install grpcio grpcio-tools h2 'httpx[http2]'` (PYTHON names another python3)
# Makes:  captures/grpc-deadlines.pcapng (Ethernet; A is 192.0.2.1, B .2, C .3, D .4), grpc-deadlines.client.json by A and grpc-deadlines.server.json by B. Ten seconds.
source "$(dirname "$0")/wire.sh"

build_tonic
wire_up --delay-ms 4 --rate-mbit 20
# C and D live in the client's namespace with addresses of their own, so what B asks them crosses the same wire.
for one in 3 4; do
    ip -n "$client_ns" addr add 192.0.2.$one/24 dev wire0
    ip -n "$server_ns" neigh add 192.0.2.$one lladdr 02:00:00:00:00:01 dev wire0
done
client_start "$LOOM_TONIC" serve 192.0.2.3:50052
client_listens_on 50052
client_start "$PYTHON" "$record_dir/grpc_deadlines.py" deaf 192.0.2.4:50053
client_listens_on 50053
capture_start grpc-deadlines.pcapng wire0 'tcp portrange 50051-50053' server
server_start "$PYTHON" "$record_dir/grpc_deadlines.py" serve 192.0.2.2:50051 192.0.2.3:50052 192.0.2.4:50053 "$captures_dir/grpc-deadlines.server.json"
orders=${started[-1]}
server_listens_on 50051
in_client timeout 40 "$PYTHON" "$record_dir/grpc_deadlines.py" tour 192.0.2.2:50051 "$captures_dir/grpc-deadlines.client.json"
kill -TERM "$orders"
sleep 0.5
capture_stop
