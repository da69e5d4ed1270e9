#!/usr/bin/env bash
# Records go-http2.pcapng: Go's net/http as client and as server, then nghttp asking the same server and taking its pushes.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common golang-go nghttp2-client openssl
# Makes:  captures/go-http2.pcapng (Ethernet, recorded at the client). Go speaks HTTP/2 only over TLS, so a relay stands beside each end and
#         the wire between is clear. Twenty seconds, never over ninety.
source "$(dirname "$0")/wire.sh"

GO111MODULE=off GOCACHE="$work_dir/cache" go build -o "$work_dir/go_http2" "$record_dir/go_http2.go"
wire_up --delay-ms 8 --rate-mbit 20
"$PYTHON" "$record_dir/make_site.py" "$work_dir/site"
make_certificate
server_start "$work_dir/go_http2" serve 127.0.0.1:8443 "$work_dir/site" "$work_dir/cert.pem" "$work_dir/key.pem"
server_start "$PYTHON" "$record_dir/tls_relay.py" put-on 192.0.2.2:8080 127.0.0.1:8443
client_start "$PYTHON" "$record_dir/tls_relay.py" take-off 127.0.0.1:8443 192.0.2.2:8080 --cert "$work_dir/cert.pem" --key "$work_dir/key.pem"
server_listens_on 8443
server_listens_on 8080
client_listens_on 8443
capture_start go-http2.pcapng wire0 'tcp port 8080'
in_client timeout 30 "$work_dir/go_http2" fetch 127.0.0.1:8443
in_client timeout 20 nghttp -n --no-dep -H ':authority: loom.example' https://127.0.0.1:8443/page https://127.0.0.1:8443/api/2.json 2>&1
capture_stop
