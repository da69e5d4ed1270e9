#!/usr/bin/env bash
# Records http1-programs.pcapng: HTTP/1.1 in all its shapes, from curl and Python, to nginx, node and Python.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nginx curl nodejs; Python with `pip install websockets` (PYTHON names another python3)
# Makes:  captures/http1-programs.pcapng (Ethernet, recorded at the client; nginx is on port 8080, node on 8081, WebSocket on 8082). Five seconds,
#         never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 8 --rate-mbit 20
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
cat >"$work_dir/nginx.conf" <<END
user root; daemon off; worker_processes 1; pid $work_dir/nginx.pid; error_log $work_dir/error.log;
events {}
http {
    types { text/css css; text/html html; application/json json; image/png png; text/javascript js; }
    access_log off; absolute_redirect off;
    gzip on; gzip_types text/css application/json; gzip_min_length 200;
    server {
        listen 8080;
        root $work_dir/site;
        location /old { return 301 /index.html; }
    }
}
END
server_start nginx -p "$work_dir" -c "$work_dir/nginx.conf"
server_start node "$record_dir/http1_server.js" 192.0.2.2 8081
server_start "$PYTHON" "$record_dir/http1_talk.py" serve 192.0.2.2 8082
server_listens_on 8080
server_listens_on 8081
server_listens_on 8082
capture_start http1-programs.pcapng wire0 'tcp portrange 8080-8082'
ask() {
    in_client timeout 20 curl -sS --no-progress-meter --http1.1 --max-time 10 --resolve loom.example:8080:192.0.2.2 --resolve loom.example:8081:192.0.2.2 "$@"
}
site=http://loom.example:8080
node=http://loom.example:8081
# One connection kept alive: compressed in chunks, from the cache, a part, only the head, moved, not there.
ask --compressed -o /dev/null $site/index.html -o /dev/null $site/style.css --next \
    -s -H 'if-modified-since: Tue, 14 Nov 2023 22:13:20 GMT' -o /dev/null $site/style.css --next \
    -s -r 1000-1999 -o /dev/null $site/app.js --next -s -I -o /dev/null $site/img/loom.png --next \
    -s -L -o /dev/null $site/old --next -s -o /dev/null $site/no/such/page
# Three requests at once, without waiting.
in_client timeout 20 "$PYTHON" "$record_dir/http1_talk.py" pipeline 192.0.2.2 8080 /api/1.json /print.css /api/2.json
# An upload in chunks that waits for 100 Continue, chunks with trailers, events as they happen.
head -c 9000 "$work_dir/site/img/loom.png" | ask -T - -H 'content-type: image/png' -H 'expect: 100-continue' -o /dev/null $node/upload
ask --raw -H 'te: trailers' -o /dev/null $node/trailers
ask -N -H 'accept: text/event-stream' -o /dev/null $node/events
# An answer that ends with the connection.
ask --http1.0 -o /dev/null $node/until-close
# From HTTP/1.1 to WebSocket.
in_client timeout 20 "$PYTHON" "$record_dir/http1_talk.py" talk 192.0.2.2 8082
capture_stop
