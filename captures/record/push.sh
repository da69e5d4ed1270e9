#!/usr/bin/env bash
# Records push.pcap: a page whose parts the server pushes before anybody asks (RFC 9113 §8.4).
#
# Needs:  root, Debian: iproute2 python3 tcpdump nghttp2-client nghttp2-server
# Makes:  captures/push.pcap (classic pcap, Ethernet, recorded at the client). Takes about five seconds, never over thirty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 20 --rate-mbit 10
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
# The page names app.js too, which is not pushed: the client has to ask. The largest picture is left out of the page.
sed -i '/loom.png/d' "$work_dir/site/index.html"
touch -d @1700000000 "$work_dir/site/index.html"
server_start nghttpd --no-tls -d "$work_dir/site" \
    --push=/index.html=/style.css,/print.css,/img/shuttle.png,/img/warp.png 8080
server_listens_on 8080
capture_start push.pcap wire0 'tcp port 8080'
in_client timeout 20 nghttp -a -n -H ':authority: loom.example' http://192.0.2.2:8080/index.html
capture_stop
