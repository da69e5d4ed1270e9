#!/usr/bin/env bash
# Records downloads.pcapng: six files asked for at once on one HTTP/2 connection, their DATA frames interleaved.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nghttp2-client nghttp2-server
# Makes:  captures/downloads.pcapng (Ethernet, recorded at the client). Takes about five seconds, never over thirty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 10 --rate-mbit 8
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start nghttpd --no-tls -d "$work_dir/site" 8080
server_listens_on 8080
capture_start downloads.pcapng wire0 'tcp port 8080'
base=http://192.0.2.2:8080
# Stream windows of 2^13-1 bytes and a connection window of 2^16-1 make WINDOW_UPDATE a frequent sight.
in_client timeout 20 nghttp --no-dep -n -w 13 -W 16 \
    -H ':authority: loom.example' -H 'user-agent: nghttp' -H 'accept-language: en' -H 'cookie: session=42; theme=dark' \
    $base/style.css $base/app.js $base/img/loom.png $base/font.woff2 $base/data/threads.json $base/img/shuttle.png
capture_stop
