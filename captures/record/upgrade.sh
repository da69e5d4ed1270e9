#!/usr/bin/env bash
# Records upgrade.pcapng: HTTP/2 begun inside HTTP/1.1 with `Upgrade: h2c` (RFC 7540 §3.2, gone from RFC 9113 but still met).
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nghttp2-client nghttp2-proxy nghttp2-server
# Makes:  captures/upgrade.pcapng (Ethernet, IPv6, recorded at the client). Takes about five seconds, never over thirty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 10 --rate-mbit 20
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start nghttpx --conf=/dev/null --single-process --workers=1 --frontend='*,8080;no-tls' --backend='192.0.2.2,8090;;proto=h2' --errorlog-file="$work_dir/error.log" \
    --accesslog-file="$work_dir/access.log"
server_start nghttpd --no-tls -d "$work_dir/site" 8090
server_listens_on 8080
server_listens_on 8090
capture_start upgrade.pcapng wire0 'tcp port 8080'
in_client timeout 20 nghttp -u -n --no-dep 'http://[2001:db8::2]:8080/api/1.json' 'http://[2001:db8::2]:8080/print.css'
capture_stop
