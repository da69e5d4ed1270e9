#!/usr/bin/env bash
# Records large-headers.pcapng: what is seldom seen but allowed. Four connections, one after another:
#   0  header blocks too large for one frame: CONTINUATION (nghttp --continuation and long cookies)
#   1  padding on HEADERS and DATA from the client, trailers after a request and after its response
#   2  two sizes for the HPACK table in one SETTINGS frame, so the server begins with two size updates
#   3  PING, PRIORITY_UPDATE, an unknown frame type, a smaller table later on, a cancelled download, 404, GOAWAY with a text
# The server pads every frame it can.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nghttp2-client nghttp2-server; Python with `pip install h2` (PYTHON names
#         another python3)
# Makes:  captures/large-headers.pcapng (Ethernet, recorded at the client). Takes about five seconds, never over sixty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 5 --rate-mbit 20
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start nghttpd --no-tls -d "$work_dir/site" -b 48 --trailer 'x-checksum: 5f3759df' --echo-upload 8080
server_listens_on 8080
capture_start large-headers.pcapng wire0 'tcp port 8080'
base=http://192.0.2.2:8080
ask() { in_client timeout 10 nghttp -n --no-dep -H ':authority: loom.example' "$@"; }
long=$("$PYTHON" -c 'import random; d = random.Random(7541); print("".join(d.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(7000)))')
ask --continuation -H "cookie: session=42; long=$long" -H "x-second: ${long:1000:3000}" $base/api/1.json $base/api/2.json
echo 'A thread to be woven.' >"$work_dir/thread.txt"
ask -b 64 -d "$work_dir/thread.txt" -H ':method: POST' --trailer 'x-length-cm: 120' $base/upload $base/upload2
ask -c 64 -c 2048 $base/api/3.json $base/api/4.json $base/api/5.json
in_client timeout 10 "$PYTHON" "$record_dir/odd_client.py" 192.0.2.2 8080
capture_stop
