#!/usr/bin/env bash
# Records chromium.pcapng: Chromium loading a page with everything that a page has, from nginx and then from nghttpd.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common chromium nginx nghttp2-server openssl
# Makes:  captures/chromium.pcapng (Ethernet, recorded at the client). Chromium speaks HTTP/2 only over TLS, so a relay beside it takes that off, and the
#         wire is clear; its namespace reaches nothing but that wire. Twenty seconds, never over ninety.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 10 --rate-mbit 10
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
cat >"$work_dir/site/page.html" <<'END'
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>The loom</title>
<link rel="preload" href="/font.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="/style.css">
<link rel="stylesheet" href="/print.css" media="print">
<script src="/first.js"></script>
<script src="/api.js" async></script>
<script src="/last.js" defer></script>
<link rel="prefetch" href="/api/6.json">
</head>
<body>
<h1>The loom</h1>
<img src="/img/shuttle.png" alt="a shuttle" fetchpriority="high">
<div style="height: 4000px"></div>
<img src="/img/warp.png" alt="a warp" loading="lazy">
<img src="/img/warp.png?far" alt="a warp far below">
<iframe src="/frame.html"></iframe>
</body>
</html>
END
truncate -s 12000 "$work_dir/site/font.woff2"
echo '<!DOCTYPE html><title>frame</title><p>A page within the page.' >"$work_dir/site/frame.html"
echo 'document.cookie = "theme=dark"; document.cookie = "session=42";' >"$work_dir/site/first.js"
cat >"$work_dir/site/api.js" <<'END'
fetch('/api/1.json').then((answer) => answer.json());
fetch('/api/2.json', {priority: 'low', headers: {'x-note': 'by script'}});
fetch('/upload', {method: 'POST', body: new Uint8Array(20000)}).catch(() => {});
const long = new AbortController();
fetch('/app.js', {signal: long.signal}).then((answer) => { long.abort(); }).catch(() => {});
END
echo 'window.scrollTo(0, 4000); fetch("/no/such/thing");' >"$work_dir/site/last.js"
chmod 644 "$work_dir"/site/*.*
cat >"$work_dir/nginx.conf" <<END
user root; daemon off; worker_processes 1; pid $work_dir/nginx.pid; error_log $work_dir/error.log;
events {}
http {
    types { text/css css; text/html html; application/json json; image/png png; text/javascript js; font/woff2 woff2; }
    access_log off; client_body_temp_path $work_dir/body;
    gzip on; gzip_types text/css application/json text/javascript; gzip_min_length 200;
    server {
        listen 8080 http2;
        root $work_dir/site;
        error_page 405 =200 /api/3.json;
        expires 1h;
    }
}
END
server_start nginx -p "$work_dir" -c "$work_dir/nginx.conf"
server_start nghttpd --no-tls -d "$work_dir/site" 8081
server_listens_on 8080
server_listens_on 8081
make_certificate
for port in 8080 8081; do
    client_start "$PYTHON" "$record_dir/tls_relay.py" take-off 127.0.0.1:$((port + 363)) 192.0.2.2:$port --cert "$work_dir/cert.pem" --key "$work_dir/key.pem"
    client_listens_on $((port + 363))
done
capture_start chromium.pcapng wire0 'tcp port 8080 or tcp port 8081'
for port in 8443 8444; do
    # The second time with settings and frames of reserved types, which the other side has to ignore (RFC 9113 §5.5).
    more=()
    [ $port = 8444 ] && more=(--http2-grease-settings --http2-grease-frame-type)
    in_client timeout 30 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --ignore-certificate-errors --user-data-dir="$work_dir/profile-$port" --host-resolver-rules='MAP loom.example 127.0.0.1' \
        "${more[@]}" --window-size=800,600 --timeout=3000 --screenshot="$work_dir/page-$port.png" "https://loom.example:$port/page.html" >"$work_dir/chromium.log" 2>&1 || tail -5 "$work_dir/chromium.log"
done
capture_stop
