#!/usr/bin/env bash
# Records priorities.pcapng: a page and its parts, fetched with the priority tree of RFC 7540 §5.3.
#
# nghttp sends five PRIORITY frames for streams that never carry anything (3, 5, 7, 9, 11: the tree Firefox once used), reads the
# page, and hangs each style sheet, script and picture it finds below one of them.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nghttp2-client nghttp2-server
# Makes:  captures/priorities.pcapng (Linux cooked, recorded on "any" at the client). Takes about five seconds, never over thirty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 15 --rate-mbit 6
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start nghttpd --no-tls -d "$work_dir/site" 8080
server_listens_on 8080
capture_start priorities.pcapng any 'tcp port 8080'
in_client timeout 20 nghttp -a -n -H ':authority: loom.example' http://192.0.2.2:8080/index.html
capture_stop
