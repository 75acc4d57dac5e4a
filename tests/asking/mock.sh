# Sourced after lib.sh: the mock model server of the shared data, in $tmp, and what it counted.
mock_source=${BF_SHARED:-$1/../shared}/peers/mock/mockoai.c
port=$((10000 + $$ % 10000 * 2)) # ours by the process id; a server of its own may have $port + 1
mocks=
trap 'mock_stop; rm -rf "$tmp"' EXIT

# mock_or_skip NAME...: the program, or those tests are skipped and all ends.
mock_or_skip() {
    if [ -r "$mock_source" ] && cc -std=c11 -O2 -pthread -o "$tmp/mock" "$mock_source" -lm 2>"$tmp/log"; then
        return
    fi
    for t; do skip "$t" "no mock server beside the project"; done
    finish
}

# mock_at PORT LOG [OPTIONS]: start one there; its log is $tmp/LOG, its process $mock_id.
mock_at() {
    at=$1 log=$2
    shift 2
    rm -f "$tmp/$log" "$tmp/listening"
    "$tmp/mock" --port "$at" --log "$tmp/$log" "$@" >"$tmp/listening" 2>&1 &
    mock_id=$!
    mocks="$mocks $mock_id"
    until_lines "$tmp/listening" 1
}

# mock_start [OPTIONS]: the one that most tests ask.
mock_start() { mock_at "$port" requests "$@"; }

# mock_stop [ID]: end one, or all. One that has ended may be among them.
mock_stop() {
    for gone_id in ${1:-$mocks}; do
        kill "$gone_id" 2>/dev/null && wait "$gone_id" 2>/dev/null
    done
    left=
    for gone_id in $mocks; do
        [ -z "${1:-}" ] || [ "$gone_id" = "$1" ] || left="$left $gone_id"
    done
    mocks=$left
}

# n_requests [LOG] [WORDS]: requests that came, of those whose lines hold the words.
n_requests() { grep -c "${2:-}" "$tmp/${1:-requests}"; }

# n_distinct [LOG]: different bodies among them.
n_distinct() { sed 's/.*"hash":"\([0-9a-f]*\)".*/\1/' "$tmp/${1:-requests}" | sort -u | grep -c .; }

# pictures N: samples s0 .. sN-1 with a picture of their own each and four choices.
pictures() {
    mkdir -p pictures
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) {
        f = sprintf("pictures/%d.ppm", i)
        printf "P6 2 2 255\n%012d", i * 7919 >f
        close(f)
        printf "{\"id\": \"s%d\", \"question\": \"Number %d, please?\", \"answer\": \"B\"," \
            " \"choices\": [\"left %d\", \"right %d\", \"far %d\", \"near %d\"]," \
            " \"media\": [{\"modality\": \"image\", \"path\": \"%s\"}]}\n", i, i, i, i, i, i, f } }' \
        >pool.jsonl
}

# asked [OPTIONS]: an order that asks the mock of all conditions, blind until verdicts stand.
# Lines of $more go on it, $url is another server.
asked() {
    cat >spec.yaml <<Y
blindfold: 1
name: asked
seed: 4
pool: {path: pool.jsonl}
conditions: [full, blind]
undecided: keep
probes:
  - {name: m, kind: chat, url: "${url:-http://127.0.0.1:$port/v1}", model: mock-mcq, trials: 3, concurrency: 16${1:+, $1}}
scores: [accuracy, position_bias]
filters:
  - answerable: {under: blind, right: "> 1/2", by: ">= 1/2"}
emit: {to: out, formats: [jsonl]}
${more:-}
Y
}

# answers RUN: all that its ledger holds, in order. stat_of RUN KEY: a number that stats gives.
answers() { "$BF" answers export "$1" 2>>"$tmp/log"; }
stat_of() { "$BF" answers stats "$1" --json 2>>"$tmp/log" | sed -n "s/.*\"$2\": \([0-9]*\).*/\1/p"; }

# stopped_with RC TEXT: as said(), for what a run wrote between its lines of state.
stopped_with() {
    rc=$?
    [ $rc = "$1" ] || { echo "status $rc" >>"$tmp/log"; return 1; }
    grep -q "$2" "$tmp/log"
}
