#!/usr/bin/env bash
# Records grpc-web-packed.pcapng: gRPC-Web whose answers nginx compresses on the way, as it knows nothing but HTTP.
#
# Needs:  root, Debian: iproute2 wireshark-common nginx protobuf-compiler libprotobuf-dev; cargo (see grpc_tonic.sh); Python with
#         `pip install grpcio-tools 'httpx[http2]'` (PYTHON names another python3)
# Makes:  captures/grpc-web-packed.pcapng (Ethernet, recorded at the client; HTTP/1.1 is on port 8080, HTTP/2 on 8081). Ten seconds, never over ninety.
source "$(dirname "$0")/wire.sh"

build_tonic
cat >"$work_dir/nginx.conf" <<END
user root; daemon off; worker_processes 1; pid $work_dir/nginx.pid; error_log $work_dir/error.log;
events {}
http {
    access_log off;
    gzip on; gzip_min_length 0; gzip_proxied any;
    gzip_types application/grpc-web+proto application/grpc-web-text application/grpc-web-text+proto;
    # Each piece of an answer goes on at once.
    proxy_buffering off; proxy_http_version 1.1;
    server { listen 8080; location / { proxy_pass http://127.0.0.1:9090; } }
    server { listen 8081 http2; location / { proxy_pass http://127.0.0.1:9090; } }
}
END
wire_up --delay-ms 5 --rate-mbit 20
server_start "$LOOM_TONIC" serve-web 127.0.0.1:9090
server_listens_on 9090
server_start nginx -p "$work_dir" -c "$work_dir/nginx.conf"
server_listens_on 8081
capture_start grpc-web-packed.pcapng wire0 'tcp port 8080 or tcp port 8081'
in_client timeout 40 "$PYTHON" "$record_dir/grpc_web.py" packed http://192.0.2.2:8081 http://192.0.2.2:8080
capture_stop
