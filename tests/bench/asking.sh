#!/bin/sh
# asking.sh ROOT BUILD [N_TEXT N_PICTURE]: requests to a loopback server that is never the slow part,
# side by side: a bare libcurl loop (curl_floor), blindfold from start to end, and where they are
# installed the openai client, aiohttp and inspect_ai from start to end. One line a cell:
#
#     who  kind  latency  in_flight  n  req/s  cpu_s_per_1000  peak_mb
#
# Ours is measured twice: req/s over the time of asking alone, CPU seconds over the whole process.
# BF_PEERS=python: an interpreter that has openai and aiohttp; BF_INSPECT=inspect: the program of
# inspect_ai. Peers make 2,000 requests. BF_KINDS, BF_LATENCIES and BF_FLIGHTS choose cells.
set -u
root=$1 build=$2 n_text=${3:-20000} n_picture=${4:-2000} n_peer=2000
shared=${BF_SHARED:-$root/../shared}
tmp=$(mktemp -d) || exit 99
mock=
trap '[ -z "$mock" ] || kill $mock 2>/dev/null; rm -rf "$tmp"' EXIT
if [ ! -r "$shared/peers/mock/mockoai.c" ]; then
    echo "asking: skipped, no mock server beside the project"
    exit 77
fi
cc -std=c11 -O2 -pthread -o "$tmp/mockoai" "$shared/peers/mock/mockoai.c" -lm || exit 99
port=18$(($$ % 900 + 100))

start_mock() {
    "$tmp/mockoai" --port $port --latency-ms "$1" >/dev/null 2>"$tmp/mock.log" &
    mock=$!
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        sleep 0.1
        "$build/tests/curl_floor" "http://127.0.0.1:$port/v1" 1 1 0 >/dev/null 2>&1 && return
    done
}
stop_mock() {
    kill $mock && wait $mock 2>/dev/null
    mock=
}

# pool KIND N
pool() {
    awk -v n="$2" 'BEGIN { for (i = 0; i < n; i++) {
        printf "{\"id\": \"q%d\", \"question\": \"Question %d: which one is next to the lamp?\", " \
            "\"choices\": [\"river\", \"stone\", \"table\", \"chair\"], \"answer\": \"C\"", i, i
        print ", \"media\": [{\"modality\": \"image\", \"path\": \"noise.ppm\"}]}" } }' >"$tmp/pool.jsonl"
    [ "$1" = text ] && condition=blind || condition=full
}
# 76,800 bytes that no compression makes smaller: 100 KB in base64.
{ printf 'P6\n160 160\n255\n'; head -c 76800 /dev/urandom; } >"$tmp/noise.ppm"

head -c 76800 /dev/urandom >"$tmp/noise.jpg"

spec() {
    cat >"$tmp/spec.yaml" <<END
blindfold: 1
name: bench
pool: {path: pool.jsonl}
conditions: [$condition]
scores: [accuracy]
probes:
  - {name: m, kind: chat, url: "http://127.0.0.1:$port/v1", model: mock-mcq, max_tokens: 1, concurrency: $1}
END
}

# value KEY LINE
value() { echo "$2" | sed -n "s/.*$1 \([0-9.]*\).*/\1/p"; }
row() { printf '%-11s %-8s %3s ms %4s in flight %6s  %8.0f req/s  %7.4f cpu-s/1000  %6.1f MB\n' "$@"; }

ours() { # KIND LATENCY IN_FLIGHT N
    spec "$3"
    rm -rf "$tmp/run"
    line=$("$build/tests/rusage" "$build/blindfold" run "$tmp/spec.yaml" --out "$tmp/run" --json 2>"$tmp/out")
    seconds=$(sed -n 's/.*"asking_seconds": \([0-9.e-]*\).*/\1/p' "$tmp/out")
    row blindfold "$1" "$2" "$3" "$4" "$(echo "$4 ${seconds:-0}" | awk '{ print ($2 > 0 ? $1 / $2 : 0) }')" \
        "$(echo "$(value cpu "$line") $4" | awk '{ print $1 / $2 * 1000 }')" "$(value peak_mb "$line")"
}

floor() { # KIND LATENCY IN_FLIGHT N KB
    "$build/tests/curl_floor" "http://127.0.0.1:$port/v1" "$3" "$4" "$5" >"$tmp/floor"
    line=$(cat "$tmp/floor")
    row curl_floor "$1" "$2" "$3" "$4" "$(value rate "$line")" "$(value cpu_per_1000 "$line")" \
        "$(value peak_mb "$line")"
}

peers() { # KIND LATENCY IN_FLIGHT KB
    for p in ${BF_PEERS:+openai aiohttp}; do
        line=$("$BF_PEERS" "$shared/peers/clients/client_bench.py" $p "http://127.0.0.1:$port" "$3" $n_peer "$4" \
            2>&1 | tail -n 1)
        row $p "$1" "$2" "$3" $n_peer "$(echo "$line" | sed -n 's/.*req\/s= *\([0-9.]*\).*/\1/p')" \
            "$(echo "$line" | sed -n 's/.*1000req= *\([0-9.]*\).*/\1/p')" \
            "$(echo "$line" | sed -n 's/.*peakRSS= *\([0-9]*\).*/\1/p')"
    done
    [ -n "${BF_INSPECT:-}" ] || return
    [ "$1" = picture ] && img=$tmp/noise.jpg || img=
    cp "$shared/peers/clients/inspect_task.py" "$tmp/" # it takes no absolute path
    line=$(cd "$tmp" && IMG=$img N=$n_peer OPENAI_API_KEY=x OPENAI_BASE_URL="http://127.0.0.1:$port/v1" \
        "$build/tests/rusage" "$BF_INSPECT" eval inspect_task.py \
        --model openai/mock-mcq --max-connections "$3" -M responses_api=false --display none --log-dir "$tmp/logs" 2>"$tmp/out")
    [ "$(value status "$line")" = 0 ] || { tail -n 2 "$tmp/out"; return; }
    row inspect_ai "$1" "$2" "$3" $n_peer "$(value wall "$line" | awk -v n=$n_peer '{ print n / $1 }')" \
        "$(value cpu "$line" | awk -v n=$n_peer '{ print $1 / n * 1000 }')" "$(value peak_mb "$line")"
}

for kind in ${BF_KINDS:-text picture}; do
    [ $kind = text ] && n=$n_text kb=0 || n=$n_picture kb=100
    pool $kind "$n"
    for latency in ${BF_LATENCIES:-0 50}; do
        for flight in ${BF_FLIGHTS:-64 256}; do
            start_mock $latency
            floor $kind $latency $flight "$n" $kb
            ours $kind $latency $flight "$n"
            peers $kind $latency $flight $kb
            stop_mock
        done
    done
done
