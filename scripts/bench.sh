#!/usr/bin/env bash
# bench.sh: compares `wireloom stats` with tcpdump and tshark on two captures of h2load against nghttpd on loopback:
# about a gigabyte of large bodies, and about a million small frames. Prints CPU time and peak memory of each program
# (of wireloom: beside the mapped file) and the ratios, as a table for benches/README.md.
#
# Each program runs three times and the fastest run counts. Capturing needs the right to (root, or cap_net_raw for
# tcpdump). What is not installed is left out and said. The captures are kept in WIRELOOM_BENCH_DIR (default:
# target/bench) and used again.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=${WIRELOOM_BENCH_DIR:-target/bench}
port=${WIRELOOM_BENCH_PORT:-9443}
program=${WIRELOOM:-target/release/wireloom}
mkdir -p "$dir/site"

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null; }

if [[ -z ${WIRELOOM:-} ]]; then
  cargo build --release --no-default-features --bin wireloom
fi

server='' capture=''
stop() {
  [[ -z $capture ]] || kill -INT "$capture" 2>/dev/null || true
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
}
trap stop EXIT

# record NAME H2LOAD_ARGUMENTS...: one capture, bounded in time.
record() {
  local file=$dir/$1.pcap
  shift
  [[ -s $file ]] && return
  for tool in nghttpd h2load tcpdump; do
    have "$tool" || { say "$tool is not installed: $file cannot be made"; return; }
  done
  say "recording $file"
  nghttpd --no-tls -d "$dir/site" "$port" >/dev/null 2>&1 &
  server=$!
  # To standard output: as root, tcpdump replaces whatever file it is told to write.
  tcpdump -i lo -s 0 -B 262144 -w - "tcp port $port" >"$file.part" 2>"$file.log" &
  capture=$!
  sleep 1
  timeout 120 h2load "$@" >/dev/null
  sleep 1
  kill -INT "$capture"
  wait "$capture" || true
  kill "$server"
  wait "$server" 2>/dev/null || true
  server='' capture=''
  mv "$file.part" "$file"
  # A file that was written this instant could still grow and would not be mapped.
  touch -d '1 minute ago' "$file"
}

# best FILE COMMAND...: CPU seconds of the fastest of three runs, and its peak memory in MB.
best() {
  local file=$1
  shift
  for _ in 1 2 3; do
    /usr/bin/time -f '%U %S %M' -o "$dir/time" "$@" >/dev/null 2>&1
    tail -n 1 "$dir/time"
  done | awk '{ cpu = $1 + $2; if (NR == 1 || cpu < best) { best = cpu; memory = $3 / 1024 } }
    END { printf "%.2f %.0f\n", best, memory }'
}

# anonymous COMMAND...: peak memory in MB without what is mapped from files, looked at a few hundred times a second.
anonymous() {
  local pid peak=0 now
  "$@" >/dev/null 2>&1 &
  pid=$!
  while now=$(awk '/^RssAnon/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [[ -n $now ]]; do
    if ((now > peak)); then peak=$now; fi
  done
  wait "$pid" || true
  echo $((peak / 1024))
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "-" }'; }

[[ -x /usr/bin/time ]] || { say "/usr/bin/time is not installed"; exit 1; }
head -c 1000000 /dev/urandom >"$dir/site/large.bin"
printf 'hello\n' >"$dir/site/small.txt"
record large -n 1000 -c 4 -m 10 "http://127.0.0.1:$port/large.bin"
record small -n 340000 -c 8 -m 20 "http://127.0.0.1:$port/small.txt"

echo "| capture | program | CPU, s | memory, MB | CPU of wireloom ÷ this |"
echo "| --- | --- | ---: | ---: | ---: |"
for name in large small; do
  file=$dir/$name.pcap
  [[ -s $file ]] || continue
  size=$(($(stat -c %s "$file") / 1000000))
  frames=$("$program" stats --json "$file" | sed 's/.*"frames":{"total":\([0-9]*\).*/\1/')
  what="$name: $size MB, $frames frames"
  read -r own _ < <(best "$file" "$program" stats "$file")
  # A mapped file counts as memory of whoever looks at it, though the system may take it back at any time.
  memory=$(anonymous "$program" stats "$file")
  echo "| $what | wireloom stats | $own | $memory | 1 |"
  if have tcpdump; then
    read -r cpu memory < <(best "$file" tcpdump -r "$file" -w -)
    echo "| $what | tcpdump -r -w - | $cpu | $memory | $(ratio "$own" "$cpu") |"
  fi
  if have tshark; then
    read -r cpu memory < <(best "$file" tshark -r "$file" -q -z http2,tree -d "tcp.port==$port,http2")
    echo "| $what | tshark -z http2,tree | $cpu | $memory | $(ratio "$own" "$cpu") |"
  fi
done
