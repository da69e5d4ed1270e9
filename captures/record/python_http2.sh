#!/usr/bin/env bash
# Records python-http2.pcapng: httpx asking hypercorn, both of Python, in clear by prior knowledge; curl and nghttp ask the same server.
#
# Needs:  root, Debian: iproute2 wireshark-common curl nghttp2-client; Python with `pip install 'httpx[http2]' hypercorn` (PYTHON names another python3)
# Makes:  captures/python-http2.pcapng (Ethernet, recorded at the client). Ten seconds, never over ninety.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 5 --rate-mbit 20
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start "$PYTHON" "$record_dir/python_http2.py" serve 192.0.2.2:8080 "$work_dir/site"
server_listens_on 8080
capture_start python-http2.pcapng wire0 'tcp port 8080'
in_client timeout 30 "$PYTHON" "$record_dir/python_http2.py" fetch http://192.0.2.2:8080
in_client timeout 20 curl -sS --http2-prior-knowledge --max-time 10 -o /dev/null --data-binary "@$work_dir/site/img/warp.png" http://192.0.2.2:8080/upload
in_client timeout 20 nghttp -n http://192.0.2.2:8080/print.css http://192.0.2.2:8080/api/4.json http://192.0.2.2:8080/events
capture_stop
