#!/usr/bin/env bash
# Records mid-download.pcapng: downloads of which the first part was missed, so the server's side begins in the middle of a frame.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nghttp2-client nghttp2-server
# Makes:  captures/mid-download.pcapng (Ethernet, recorded at the client). Takes about five seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 10 --rate-mbit 1.5
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start nghttpd --no-tls -d "$work_dir/site" 8080
server_listens_on 8080
base=http://192.0.2.2:8080
in_client timeout 20 nghttp --no-dep -n -w 13 -W 16 -H ':authority: loom.example' \
    $base/app.js $base/data/threads.json $base/font.woff2 $base/img/loom.png &
client=$!
started+=($client)
wait_until sh -c "ip netns exec $client_ns ss -tnH state established 'dport = :8080' | grep -q ."
sleep 0.5
capture_start mid-download.pcapng wire0 'tcp port 8080'
wait $client
capture_stop
