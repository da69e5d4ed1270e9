#!/usr/bin/env bash
# Records tls.pcapng and tls.keylog: the same file over TLS 1.3 and over TLS 1.2, HTTP/2 chosen by ALPN, and once with HTTP/1.1 only.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nginx curl openssl
# Makes:  captures/tls.pcapng (Ethernet, recorded at the client) and captures/tls.keylog, the secrets of its connections (NSS key
#         log format). The certificate is made for this run and signed by itself. Takes about five seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 10 --rate-mbit 20
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
make_certificate
cat >"$work_dir/nginx.conf" <<EOF
daemon off; worker_processes 1; pid $work_dir/nginx.pid; error_log $work_dir/error.log;
events {}
http {
    types { text/css css; text/html html; application/json json; image/png png; }
    access_log off;
    server {
        listen 443 ssl http2;
        server_name wireloom.example;
        ssl_certificate $work_dir/cert.pem;
        ssl_certificate_key $work_dir/key.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        root $work_dir/site;
    }
}
EOF
server_start nginx -p "$work_dir" -c "$work_dir/nginx.conf"
server_listens_on 443
capture_start tls.pcapng wire0 'tcp port 443'
rm -f "$captures_dir/tls.keylog"
fetch() {
    in_client env SSLKEYLOGFILE="$captures_dir/tls.keylog" curl -sS -o /dev/null --max-time 10 --cacert "$work_dir/cert.pem" \
        --resolve wireloom.example:443:192.0.2.2 -w '%{http_version} %{http_code} %{size_download}\n' "$@"
}
site=https://wireloom.example
fetch --http2 --tlsv1.3 $site/index.html -o /dev/null $site/print.css
fetch --http2 --tls-max 1.2 $site/index.html -o /dev/null $site/print.css
fetch --http1.1 $site/api/1.json
capture_stop
