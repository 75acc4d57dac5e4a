#!/bin/sh
# leaks.sh ROOT BUILD: what is planted in the words of the made pool is said, each kind once, and
# nothing else; with gold choices drawn anew at most 1 pool in 20 has a leak. The same for recorded
# pools, where the shared data is. Prints TAP.
. "$1/tests/run/tap.sh"
leaks=$2/tests/bench/bench_leaks

"$2/demo/make_pool" "$tmp/made" >"$tmp/log" 2>&1
check "a pool is made"

"$leaks" "$tmp/made/pool.jsonl" >"$tmp/log" 2>&1
sed -n 's/^LEAK \(.*\) in [0-9]* % of .*(chance 25 %.*/\1/p' "$tmp/log" | sort >"$tmp/said"
sort >"$tmp/planted" <<'W'
the answer is "bricks"
the gold choice is C
the gold choice is the longest
the gold choice is the one with most words of the question
W
cmp "$tmp/said" "$tmp/planted"
check "the four kinds planted in its words are said, and no other"
grep -q 'C in [0-9]* % of questions of category `tools`' "$tmp/log" &&
    grep -q 'longest in [0-9]* % of questions of category `endings`' "$tmp/log"
check "and where they are"

# luck NAME POOL: 40 times gold at random.
luck() {
    n=0
    for seed in $(seq 1 40); do
        "$leaks" "$2" random="$seed" >"$tmp/random" 2>&1 || n=99
        if grep '^LEAK' "$tmp/random" >>"$tmp/log"; then n=$((n + 1)); fi
    done
    echo "# $1: $n of 40 with a leak where gold is random"
    # more than 5 of 40 would come up in 14 of 1,000 cases when it is 1 in 20
    [ $n -le 5 ]
    check "gold at random in $1 is hardly ever a leak"
}
luck "the made pool" "$tmp/made/pool.jsonl"
at=$(shared "$1")
if [ -n "$at" ]; then
    luck "the recorded pool" "$at/data/pool/pool.jsonl"
    luck "MMAU" "$at/data/text/mmau_testmini.jsonl"
    "$leaks" "$at/data/text/mmau_testmini.jsonl" >"$tmp/log" 2>&1
    grep -q '^LEAK the gold choice is A in [0-9]* % of `based` questions' "$tmp/log"
    check "MMAU: A is right in most of the questions that begin with 'based on'"
else
    skip "recorded pools" "no shared data"
fi
finish
