#!/usr/bin/env bash
# Records fourteen-breaks.pcapng: a conversation written by hand, in which fourteen frames break a rule each.
#
# Needs:  root, Debian: iproute2 python3 wireshark-common tshark
# Makes:  captures/fourteen-breaks.pcapng (Ethernet) and its facts. Takes about three seconds, never over thirty.
source "$(dirname "$0")/wire.sh"

wire_up --delay-ms 5
server_start "$PYTHON" "$record_dir/fourteen_breaks.py" server 8080
server_listens_on 8080
capture_start fourteen-breaks.pcapng wire0 'tcp port 8080'
in_client timeout 20 "$PYTHON" "$record_dir/fourteen_breaks.py" client 192.0.2.2 8080
capture_stop
"$PYTHON" "$record_dir/fourteen_breaks.py" facts "$captures_dir/fourteen-breaks.pcapng"
