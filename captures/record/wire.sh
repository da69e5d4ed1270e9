# Sourced by the recording scripts: two network namespaces, a wire between them, a capture on one end.
#
# Needs:  root, Debian with iproute2, python3 and wireshark-common (dumpcap) or tcpdump.
# Makes:  nothing that outlives the script; `wire_down` runs by trap and ends what was started here, by process id.
#
#   wire_up [arguments of lossy_wire.py]       client is 192.0.2.1 and 2001:db8::1, server .2 and ::2; MTU 1500
#   in_client COMMAND…, in_server COMMAND…     run a program at one end
#   client_start COMMAND…, server_start COMMAND…  the same in the background, until the script ends
#   build_tonic                                $LOOM_TONIC, the program in tonic/, unless it names one
#   make_certificate                           $work_dir/cert.pem and key.pem for wireloom.example, signed by itself
#   capture_start FILE INTERFACE FILTER [client|server]
#   capture_stop
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin"
export LC_ALL=C.UTF-8
record_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
captures_dir=${CAPTURES_DIR:-$(dirname "$record_dir")}
PYTHON=${PYTHON:-python3}
work_dir=$(mktemp -d /tmp/wireloom-record.XXXXXX)
chmod 755 "$work_dir"
client_ns="loom-client-$$"
server_ns="loom-server-$$"
started=()
capture_pid=""
capture_file=""

wire_down() {
    local pid
    [ -n "$capture_pid" ] && kill -INT "$capture_pid" 2>/dev/null
    for pid in ${started[@]+"${started[@]}"}; do kill "$pid" 2>/dev/null; done
    sleep 0.2
    for pid in ${started[@]+"${started[@]}"}; do kill -KILL "$pid" 2>/dev/null; done
    ip netns del "$client_ns" 2>/dev/null
    ip netns del "$server_ns" 2>/dev/null
    rm -rf "$work_dir"
    return 0
}
trap 'set +e; wire_down' EXIT
trap 'exit 130' INT TERM

in_client() { ip netns exec "$client_ns" "$@"; }
in_server() { ip netns exec "$server_ns" "$@"; }

# Waits up to ten seconds for a command to succeed.
wait_until() {
    local i
    for i in $(seq 100); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "gave up waiting for: $*" >&2
    return 1
}

wire_up() {
    ip netns add "$client_ns"
    ip netns add "$server_ns"
    "$PYTHON" "$record_dir/lossy_wire.py" "$client_ns" "$server_ns" "$@" >"$work_dir/wire.ready" &
    started+=($!)
    wait_until grep -q ready "$work_dir/wire.ready"
    local side ns
    for side in 1 2; do
        [ $side = 1 ] && ns=$client_ns || ns=$server_ns
        ip -n "$ns" link set lo up
        ip -n "$ns" link set wire0 address "02:00:00:00:00:0$side" mtu 1500
        ip -n "$ns" addr add "192.0.2.$side/24" dev wire0
        ip -n "$ns" addr add "2001:db8::$side/64" dev wire0 nodad
        ip -n "$ns" link set wire0 up
        # The same congestion control everywhere, so that a recording made again looks alike.
        ip netns exec "$ns" sh -c 'echo cubic >/proc/sys/net/ipv4/tcp_congestion_control' 2>/dev/null ||
            ip netns exec "$ns" sh -c 'echo reno >/proc/sys/net/ipv4/tcp_congestion_control' 2>/dev/null || true
        ip netns exec "$ns" sh -c 'echo 1 >/proc/sys/net/ipv4/tcp_no_metrics_save' 2>/dev/null || true
    done
    # Neighbours known beforehand, so that no ARP or neighbour discovery delays the first packet.
    ip -n "$client_ns" neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev wire0
    ip -n "$client_ns" neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev wire0
    ip -n "$server_ns" neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev wire0
    ip -n "$server_ns" neigh add 2001:db8::1 lladdr 02:00:00:00:00:01 dev wire0
    wait_until ip netns exec "$server_ns" ip -br link show wire0 up
}

server_start() {
    ip netns exec "$server_ns" "$@" &
    started+=($!)
}

client_start() {
    ip netns exec "$client_ns" "$@" &
    started+=($!)
}

make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=wireloom.example \
        -addext subjectAltName=DNS:wireloom.example,DNS:loom.example -keyout "$work_dir/key.pem" -out "$work_dir/cert.pem" 2>/dev/null
}

build_tonic() {
    [ -n "${LOOM_TONIC:-}" ] && return
    (cd "$record_dir/tonic" && cargo build --locked --quiet)
    LOOM_TONIC="${CARGO_TARGET_DIR:-$record_dir/tonic/target}/debug/loom-tonic"
}

client_listens_on() { wait_until sh -c "ip netns exec $client_ns ss -ltnH 'sport = :$1' | grep -q ."; }
server_listens_on() { wait_until sh -c "ip netns exec $server_ns ss -ltnH 'sport = :$1' | grep -q ."; }

capture_start() { # FILE INTERFACE FILTER [client|server]
    local ns=$client_ns
    [ "${4:-client}" = server ] && ns=$server_ns
    capture_file=$1
    case $1 in
    *.pcapng) ip netns exec "$ns" dumpcap -q -n -i "$2" ${CAPTURE_LINK:+-y "$CAPTURE_LINK"} -f "$3" -w "$work_dir/raw" 2>"$work_dir/capture.log" & ;;
    *) ip netns exec "$ns" tcpdump -Z root -U -n -s 0 -i "$2" -w "$work_dir/raw" "$3" 2>"$work_dir/capture.log" & ;;
    esac
    capture_pid=$!
    wait_until grep -qiE 'listening on|File: ' "$work_dir/capture.log"
    sleep 0.3
}

capture_stop() {
    sleep 0.7
    kill -INT "$capture_pid"
    wait "$capture_pid" 2>/dev/null || true
    capture_pid=""
    "$PYTHON" "$record_dir/tidy.py" "$work_dir/raw" "$captures_dir/$capture_file"
    ls -l "$captures_dir/$capture_file"
}
