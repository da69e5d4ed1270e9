#!/usr/bin/env bash
# Records http1-and-h2c.pcapng: six small requests on six connections of HTTP/1.1, then the same six on one connection of HTTP/2.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nginx curl nghttp2-client
# Makes:  captures/http1-and-h2c.pcapng (Ethernet, recorded at the client; HTTP/1.1 is on port 8080, HTTP/2 on 8081). Five seconds.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 20 --rate-mbit 10
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
cat >"$work_dir/nginx.conf" <<EOF
daemon off; worker_processes 1; pid $work_dir/nginx.pid; error_log $work_dir/error.log;
events {}
http {
    types { application/json json; }
    access_log off;
    server { listen 8080; root $work_dir/site; }
    server { listen 8081 http2; root $work_dir/site; }
}
EOF
server_start nginx -p "$work_dir" -c "$work_dir/nginx.conf"
server_listens_on 8081
capture_start http1-and-h2c.pcapng wire0 'tcp port 8080 or tcp port 8081'
in_client timeout 20 curl -sS --no-progress-meter --parallel --parallel-immediate --parallel-max 6 --http1.1 \
    -H 'cookie: session=42; theme=dark' -H 'accept-language: en' --resolve loom.example:8080:192.0.2.2 \
    $(for n in 1 2 3 4 5 6; do echo "-o /dev/null http://loom.example:8080/api/$n.json"; done)
sleep 0.2
# curl 7.88 stumbles over parallel requests by prior knowledge, so another client asks here.
in_client timeout 20 nghttp -n --no-dep -H ':authority: loom.example:8081' -H 'cookie: session=42; theme=dark' -H 'accept-language: en' \
    $(for n in 1 2 3 4 5 6; do echo "http://192.0.2.2:8081/api/$n.json"; done)
capture_stop
