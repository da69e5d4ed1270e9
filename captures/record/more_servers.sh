#!/usr/bin/env bash
# Records more-servers.pcapng: Node.js at both ends, then Apache httpd, HAProxy and nghttpx, asked by curl, nghttp and h2load.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common nodejs apache2 haproxy nghttp2-proxy nghttp2-client curl
# Makes:  captures/more-servers.pcapng (Ethernet, recorded at the client; Node.js is on port 8080, httpd on 8081 and 8084, HAProxy on 8082, nghttpx on 8083).
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 5 --rate-mbit 20
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
server_start node "$record_dir/node_http2.js" serve 192.0.2.2 8080 "$work_dir/site"
modules=/usr/lib/apache2/modules
cat >"$work_dir/httpd.conf" <<END
ServerRoot $work_dir
PidFile $work_dir/httpd.pid
ErrorLog $work_dir/error.log
ServerName loom.example
Listen 192.0.2.2:8081
Listen 192.0.2.2:8084
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule mime_module $modules/mod_mime.so
LoadModule deflate_module $modules/mod_deflate.so
LoadModule filter_module $modules/mod_filter.so
LoadModule http2_module $modules/mod_http2.so
TypesConfig /etc/mime.types
StartServers 1
DocumentRoot $work_dir/site
Protocols h2c http/1.1
H2Direct on
AddOutputFilterByType DEFLATE text/css
END
server_start /usr/sbin/apache2 -X -f "$work_dir/httpd.conf"
cat >"$work_dir/haproxy.cfg" <<END
global
    maxconn 100
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend loom
    bind 192.0.2.2:8082 proto h2
    default_backend httpd
backend httpd
    server one 192.0.2.2:8081
END
server_start haproxy -db -q -f "$work_dir/haproxy.cfg"
server_start nghttpx --conf=/dev/null --single-process --workers=1 --frontend='192.0.2.2,8083;no-tls' --backend='192.0.2.2,8081' \
    --errorlog-file="$work_dir/nghttpx.log" --accesslog-file="$work_dir/access.log"
for port in 8080 8081 8082 8083 8084; do server_listens_on $port; done
capture_start more-servers.pcapng wire0 'tcp portrange 8080-8084'
in_client timeout 20 node "$record_dir/node_http2.js" fetch http://192.0.2.2:8080
for port in 8081 8082 8083; do
    base=http://192.0.2.2:$port
    in_client timeout 20 nghttp -n -H ':authority: loom.example' -H 'accept-encoding: gzip' $base/print.css $base/api/1.json $base/no/such/page $base/img/warp.png
    in_client timeout 20 curl -sS --http2-prior-knowledge --max-time 10 -o /dev/null -I $base/index.html
    in_client timeout 20 h2load -n 24 -c 2 -m 6 $base/api/2.json | grep 'requests:'
done
# Apache httpd also upgrades from HTTP/1.1.
in_client timeout 20 curl -sS --http2 --max-time 10 -o /dev/null http://192.0.2.2:8084/api/3.json
capture_stop
