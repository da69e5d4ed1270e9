#!/usr/bin/env bash
# Records lossy.pcapng: the same kind of downloads as in downloads.pcapng over a wire that loses and swaps packets of the server.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nghttp2-client nghttp2-server
# Makes:  captures/lossy.pcapng (Ethernet, recorded at the client: the receiver of the data) and captures/lossy.wire.json, the wire's own
#         record of what it did to which packet. About five seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 20 --rate-mbit 8 --seed 5 --drop 0.02 --swap 0.02 --repeat 0.01 --side server \
    --log "$captures_dir/lossy.wire.json"
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start nghttpd --no-tls -d "$work_dir/site" 8080
server_listens_on 8080
capture_start lossy.pcapng wire0 'tcp port 8080'
base=http://192.0.2.2:8080
in_client timeout 20 nghttp --no-dep -n -w 14 -W 17 -H ':authority: loom.example' -H 'cookie: session=42; theme=dark' \
    $base/style.css $base/app.js $base/img/loom.png $base/font.woff2 $base/data/threads.json
capture_stop
