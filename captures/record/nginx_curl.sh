#!/usr/bin/env bash
# Records nginx-curl.pcapng: curl asking nginx, one connection after another, and nghttp once.
#
# curl 7.88 gives up at the second request of a connection begun with prior knowledge, so it speaks TLS to a relay beside it, and the
# recording is of the clear text behind that.
# Needs:  root, Debian: iproute2 python3 wireshark-common nginx curl nghttp2-client openssl
# Makes:  captures/nginx-curl.pcapng (Ethernet, recorded at the client). Ten seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 8 --rate-mbit 20
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
cat >"$work_dir/nginx.conf" <<END
user root; daemon off; worker_processes 1; pid $work_dir/nginx.pid; error_log $work_dir/error.log;
events {}
http {
    types { text/css css; text/html html; application/json json; image/png png; text/javascript js; }
    access_log off;
    absolute_redirect off; client_body_temp_path $work_dir/body;
    gzip on; gzip_types text/css application/json; gzip_min_length 200;
    server {
        listen 8080 http2;
        root $work_dir/site;
        location /upload { client_max_body_size 1m; proxy_pass http://127.0.0.1:8090; }
        location /old { return 301 /index.html; }
        location /small { client_max_body_size 1k; proxy_pass http://127.0.0.1:8090; }
    }
    server { listen 127.0.0.1:8090; return 200 "received\n"; }
}
END
server_start nginx -p "$work_dir" -c "$work_dir/nginx.conf"
server_listens_on 8080
server_listens_on 8090
make_certificate
client_start "$PYTHON" "$record_dir/tls_relay.py" take-off 127.0.0.1:8443 192.0.2.2:8080 --cert "$work_dir/cert.pem" --key "$work_dir/key.pem"
client_listens_on 8443
head -c 36000 "$work_dir/site/img/loom.png" >"$work_dir/upload.bin"
capture_start nginx-curl.pcapng wire0 'tcp port 8080'
ask() {
    in_client timeout 20 curl -sS --no-progress-meter --http2 --cacert "$work_dir/cert.pem" --max-time 10 --resolve loom.example:8443:127.0.0.1 \
        -w '%{http_code} %{size_download}\n' "$@"
}
site=https://loom.example:8443
# One after another on one connection: a page, an answer from the cache, compressed and not, a part, a redirect, nothing there.
ask --compressed -b 'session=42; theme=dark' -L -o /dev/null $site/index.html -o /dev/null $site/style.css -o /dev/null $site/api/1.json \
    -o /dev/null $site/data/threads.json -o /dev/null $site/old -o /dev/null $site/no/such/page
ask -H 'if-modified-since: Tue, 14 Nov 2023 22:13:20 GMT' -o /dev/null $site/style.css -o /dev/null $site/api/2.json
ask -r 1000-2999 -o /dev/null $site/app.js
ask -I $site/img/loom.png >/dev/null
# Uploads: with an expectation, with a form, and one that nginx refuses before it was all sent.
ask -H 'expect: 100-continue' --data-binary "@$work_dir/upload.bin" -H 'content-type: image/png' -o /dev/null $site/upload
ask -F 'name=Alice' -F "picture=@$work_dir/site/img/warp.png" -o /dev/null $site/upload
ask --data-binary "@$work_dir/upload.bin" -o /dev/null $site/small || true
# A download that its client gives up.
ask --limit-rate 10k --max-time 0.12 -o /dev/null $site/img/loom.png || true
in_client timeout 20 curl -sS --http2-prior-knowledge --max-time 10 --resolve loom.example:8080:192.0.2.2 -o /dev/null http://loom.example:8080/api/3.json
in_client timeout 20 nghttp -n -H ':authority: loom.example:8080' http://192.0.2.2:8080/print.css http://192.0.2.2:8080/api/4.json http://192.0.2.2:8080/img/warp.png
capture_stop
