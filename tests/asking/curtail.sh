#!/bin/sh
# curtail.sh ROOT BUILD: MMMU-Pro's rule on recorded answers of 24 models (4 probes, each with 10
# trials drawn from 6 models): asking until verdicts stand gives the verdicts of asking everything,
# for at most half of the requests, with and without failures. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"

data=$(shared "$root")
matrix=$data/data/answers/m3irt/normal_mmmu.csv
if [ -z "$data" ] || [ ! -r "$matrix" ]; then
    skip "curtailment on recorded answers" "no recorded answers beside the project"
    finish
fi

n=$(head -n 1 "$matrix" | tr ',' '\n' | grep -c '^<no_image>')
awk -v n="$n" 'BEGIN { for (i = 0; i < n; i++)
    printf "{\"id\": \"m%d\", \"question\": \"item %d\", \"choices\": [\"right\", \"wrong\"], \"answer\": \"A\"," \
           " \"media\": [{\"modality\": \"image\", \"path\": \"dot.pgm\"}]}\n", i, i }' >"$tmp/pool.jsonl"
printf 'P5 1 1 255 x' >"$tmp/dot.pgm"

# spec NAME ASK FAILS
spec() {
    {
        echo "blindfold: 1"
        echo "name: $1"
        echo "pool: {path: pool.jsonl}"
        echo "conditions: [blind]"
        echo "ask: $2"
        echo "undecided: keep"
        echo "probes:"
        for g in 0 1 2 3; do
            echo "  - {name: p$g, kind: command, trials: 10, orders: fixed, attempts: 1, concurrency: 64," \
                "command: \"exec $build/tests/asking/matrix '$matrix' $g $3\"}"
        done
        echo "filters:"
        echo "  - answerable: {under: blind, right: \"> 1/2\", by: \">= 3/4\"}"
    } >"$tmp/$1.yaml"
}

# verdicts RUN: id and verdict of every sample
verdicts() {
    sed 's/.*"id": "\([^"]*\)".*"verdict": "\([a-z]*\)".*/\1 \2/' "$1/verdicts.jsonl"
}

requests() {
    sed -n 's/.*"sent": \([0-9]*\).*/\1/p' "$1" | head -n 1
}

for fails in 0 20; do
    for ask in everything enough; do
        spec $ask-$fails $ask $fails
        "$build/blindfold" run "$tmp/$ask-$fails.yaml" --out "$tmp/run-$ask-$fails" --json \
            >"$tmp/$ask-$fails.json" 2>"$tmp/log"
        check "asks $ask, every ${fails}th draw fails"
    done
    verdicts "$tmp/run-everything-$fails" >"$tmp/a"
    verdicts "$tmp/run-enough-$fails" | diff "$tmp/a" - >"$tmp/log" && [ "$(wc -l <"$tmp/a")" = "$n" ]
    check "the same $n verdicts"
    all=$(requests "$tmp/everything-$fails.json") some=$(requests "$tmp/enough-$fails.json")
    echo "$some of $all requests" >"$tmp/log"
    [ "$all" -ge $((n * 40)) ] && [ "$some" -gt 0 ] && [ $((some * 2)) -le "$all" ]
    check "at most half of the requests: $some of $all"
done
cut -d ' ' -f 2 "$tmp/a" | sort | uniq -c | tr '\n' ' ' >"$tmp/log"
grep -q reject "$tmp/log" && grep -q keep "$tmp/log"; check "both verdicts occur"
finish
