#!/usr/bin/env bash
# Records lossy-sender.pcapng: downloads over a wire that loses and swaps packets of the server, recorded at the server, the sender of the data.
#
# There every segment is in the capture, and what was missing at the receiver shows only in its duplicate ACKs, its SACK blocks and the retransmissions.
# Needs:  root, Debian: iproute2 python3 wireshark-common nghttp2-client nghttp2-server
# Makes:  captures/lossy-sender.pcapng (Ethernet, recorded at the server), captures/lossy-sender.wire.json, the wire's own record of what it did to which
#         packet, and captures/lossy-sender.wire.deliveries.json: when each packet with data came out at the receiver. About five seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 20 --rate-mbit 8 --seed "${SEED:-7}" --drop 0.025 --swap 0.02 --repeat 0.01 --side server \
    --log "$captures_dir/lossy-sender.wire.json" --deliveries
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start nghttpd --no-tls -d "$work_dir/site" 8080
server_listens_on 8080
capture_start lossy-sender.pcapng wire0 'tcp port 8080' server
base=http://192.0.2.2:8080
in_client timeout 20 nghttp --no-dep -n -w 15 -W 18 -H ':authority: loom.example' -H 'cookie: session=42; theme=dark' \
    $base/style.css $base/app.js $base/img/loom.png $base/font.woff2 $base/data/threads.json
capture_stop
