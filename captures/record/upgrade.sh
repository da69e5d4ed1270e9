#!/usr/bin/env bash
# Records upgrade.pcapng: HTTP/2 begun inside HTTP/1.1 with `Upgrade: h2c` (RFC 7540 §3.2, gone from RFC 9113 but still met).
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nghttp2-client nghttp2-proxy nghttp2-server
# Makes:  captures/upgrade.pcapng (Ethernet of a loopback interface, IPv6). Takes about five seconds, never over thirty.
source "$(dirname "$0")/wire.sh"

wire_up # only for its namespaces: this one is recorded on a loopback interface
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start nghttpx --conf=/dev/null --single-process --workers=1 --frontend='*,8080;no-tls' --backend='127.0.0.1,8090;;proto=h2' --errorlog-file="$work_dir/error.log" \
    --accesslog-file="$work_dir/access.log"
server_start nghttpd --no-tls -d "$work_dir/site" 8090
server_listens_on 8080
server_listens_on 8090
capture_start upgrade.pcapng lo 'tcp port 8080' server
in_server timeout 20 nghttp -u -n --no-dep 'http://[::1]:8080/api/1.json' 'http://[::1]:8080/print.css'
capture_stop
