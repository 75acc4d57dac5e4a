# Sourced by the tests here, after tests/run/tap.sh: a pool whose right choices begin with "right",
# and runs of it under the condition `blind` in $tmp. BF is the program.
BF=$2/blindfold
asking=$2/tests/asking
export asking

# pool N: samples s0 .. sN-1, each with a picture.
pool() {
    printf 'P6 2 2 255\nabcabcabcabc' >p.ppm
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
        printf "{\"id\": \"s%d\", \"question\": \"Number %d, please?\", \"answer\": \"B\"," \
            " \"choices\": [\"left %d\", \"right %d\", \"far %d\"]," \
            " \"media\": [{\"modality\": \"image\", \"path\": \"p.ppm\"}]}\n", i, i, i, i, i }' \
        >pool.jsonl
}

# spec PROBE: an order that asks the probe `own`, of that kind and those options, under $under.
spec() {
    cat >spec.yaml <<Y
blindfold: 1
name: asked
pool: {path: pool.jsonl}
conditions: [${under:-blind}]
probes:
  - {name: own, $1}
scores: [accuracy]
Y
}

# ask: one run; its words are in $tmp/log, its status is returned.
ask() { "$BF" run spec.yaml --out run >"$tmp/log" 2>&1; }

# fresh: the same from nothing, by the probe given.
fresh() {
    rm -rf run seen
    spec "$1"
    ask
}

# own COMMAND [OPTIONS]: an order that asks a program. try: a run of it from nothing.
own() {
    spec "kind: command, command: \"$(printf '%s' "$1" | sed 's/[\"]/\\&/g')\"${2:+, $2}"
}
try() {
    rm -rf run seen
    own "$@"
    ask
}

# right N: answers to N samples are known, all right. said RC TEXT: the run before ended with RC and said TEXT.
right() { grep -qE "^accuracy,own,[a-z]*,,all,1,([^,]*,1|,),$1," run/stats.csv; }
said() {
    rc=$?
    [ $rc = "$1" ] || { echo "status $rc" >>"$tmp/log"; return 1; }
    shift
    printf '%s\n' "$*" >"$tmp/want"
    grep -v '^ \|^own ' "$tmp/log" | diff "$tmp/want" - >"$tmp/diff" || { cat "$tmp/diff" >>"$tmp/log"; return 1; }
}

# gone PIDFILE: the process whose number the file holds ends within 15 s.
gone() {
    i=0
    while kill -0 "$(cat "$1")" 2>/dev/null && [ $i -lt 150 ]; do sleep 0.1; i=$((i + 1)); done
    ! kill -0 "$(cat "$1")" 2>/dev/null
}

# until_lines FILE N: wait until a file has N lines.
until_lines() {
    i=0
    while [ "$(cat "$1" 2>/dev/null | wc -l)" -lt "$2" ] && [ $i -lt 300 ]; do
        sleep 0.05; i=$((i + 1))
    done
}
