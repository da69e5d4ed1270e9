#!/usr/bin/env bash
# Records every capture again and writes its facts.
#
# Needs:  root and what the single scripts need: apt-get install iproute2 python3 wireshark-common tshark tcpdump nghttp2-client
#         nghttp2-server nghttp2-proxy nginx curl openssl golang-go protobuf-compiler libprotobuf-dev chromium
#         firefox-esr libnss3-tools nodejs apache2 haproxy
#         default-jdk-headless libjetty9-java libjetty9-extra-java libnetty-java; cargo;
#         pip install grpcio grpcio-tools grpcio-status grpcio-reflection googleapis-common-protos zstandard h2 hpack hyperframe 'httpx[http2]' hypercorn
# Makes:  captures/*.pcapng, captures/*.pcapng.gz, captures/push.pcap, captures/tls.keylog, captures/lossy*.wire*.json, captures/*.client.json, captures/*.server.json,
#         captures/*.facts.json. A few minutes.
set -euo pipefail
cd "$(dirname "$0")"
for script in downloads priorities push grpc_user_service tls http1_and_h2c http1_programs large_headers mid_connection mid_download lossy lossy_sender upgrade \
    nginx_curl go_http2 python_http2 grpc_shapes grpc_newer grpc_errors grpc_large grpc_reflect grpc_chain grpc_deadlines grpc_retries \
    grpc_tonic grpc_web grpc_web_packed rust_http2 chromium firefox java_http2 more_servers fourteen_breaks; do
    echo "== $script"
    ./$script.sh
done
"${PYTHON:-python3}" facts.py
