#!/usr/bin/env bash
# Records mid-connection.pcapng: a busy gRPC connection of which the beginning was missed, on a port that means nothing to anybody.
#
# Needs:  root, Debian: iproute2 wireshark-common; Python with `pip install grpcio grpcio-tools` (PYTHON names another python3)
# Makes:  captures/mid-connection.pcapng (Linux cooked v2, recorded on "any" at the server). About ten seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 5 --rate-mbit 20
server_start "$PYTHON" "$record_dir/grpc_users.py" serve '192.0.2.2:7443'
server_listens_on 7443
in_client timeout 40 "$PYTHON" "$record_dir/grpc_users.py" keep-asking '192.0.2.2:7443' 60 &
client=$!
started+=($client)
# The client makes its stubs first, then connects; the capture begins when the connection is busy.
wait_until sh -c "ip netns exec $server_ns ss -tnH state established 'sport = :7443' | grep -q ."
sleep 0.8
CAPTURE_LINK=LINUX_SLL2 capture_start mid-connection.pcapng any 'tcp port 7443' server
wait $client
capture_stop
