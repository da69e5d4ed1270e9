#!/usr/bin/env bash
# Records rust-http2.pcapng: the Rust library h2, which hyper and tonic stand on, as client and as server, in clear; nghttp asks the same server.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nghttp2-client protobuf-compiler libprotobuf-dev; cargo (see grpc_tonic.sh)
# Makes:  captures/rust-http2.pcapng (Ethernet, recorded at the client). Ten seconds, never over ninety.
source "$(dirname "$0")/wire.sh"

build_tonic
wire_up --delay-ms 5 --rate-mbit 20
server_start "$LOOM_TONIC" h2-serve 192.0.2.2:8080
server_listens_on 8080
capture_start rust-http2.pcapng wire0 'tcp port 8080'
in_client timeout 40 "$LOOM_TONIC" h2-fetch 192.0.2.2:8080
in_client timeout 20 nghttp -n -H ':authority: loom.example' http://192.0.2.2:8080/one http://192.0.2.2:8080/none http://192.0.2.2:8080/two
capture_stop
