#!/bin/sh
# killed.sh ROOT BUILD: runs that ask a server are killed at random instants, each kill followed by
# another run: the bytes of a run that nobody disturbed, no recorded answer asked again, and no more
# requests lost than were in flight. 20 kills, with BF_SLOW=1 200. Prints TAP.
set -u
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
. "$1/tests/asking/mock.sh"
cd "$tmp" || exit 99
kills=20 concurrency=16
[ -z "${BF_SLOW:-}" ] || kills=200
if ! command -v timeout >/dev/null; then
    skip "kills" "there is no timeout(1)"
    finish
fi
mock_or_skip "kills"
pictures 250
asked
mock_start --latency-ms 10 --jitter-ms 30

start=$(date +%s%N)
"$BF" run spec.yaml --out calm >"$tmp/log" 2>&1; check "a run that nobody disturbs"
span=$((($(date +%s%N) - start) / 1000000))
digest calm >digest.calm
answers calm >answers.calm
n=$(grep -c . answers.calm)
grep -q 'saved as verdicts stood' "$tmp/log" && [ "$n" -gt 750 ] && [ "$(n_requests)" = "$n" ] &&
    [ "$(n_distinct)" = "$n" ]
check "it asks until verdicts stand, each question once"

# complain WORDS: this round is not as it should be.
bad=
complain() { bad="$bad; round $round: $*"; }

# A folder is used until its run comes through, so that kills also hit runs that resume. What a
# kill left is counted by the next run, in every other round by `answers stats` before it.
done_kills=0 round=0 here=0 lost=0 repeats=0 came=0 before=$n
while [ $done_kills -lt $kills ] || [ $here -gt 0 ]; do
    round=$((round + 1))
    wait=600
    [ $done_kills -ge $kills ] ||
        wait=$(awk -v seed=$round -v span=$span 'BEGIN { srand(seed * 7919); printf "%.3f", rand() * span / 1000 }')
    timeout -s KILL "$wait" "$BF" run spec.yaml --out run >"$tmp/log" 2>&1
    rc=$?
    if [ $rc = 137 ]; then
        done_kills=$((done_kills + 1)) here=$((here + 1))
        [ $((round % 2)) = 0 ] || [ ! -e run/ledger.db ] || [ "$(stat_of run lost)" -le $((here * concurrency)) ] ||
            complain "more lost than were in flight"
        continue
    fi
    [ $rc = 0 ] || complain "failed: $(tail -n 1 "$tmp/log")"
    total=$(($(n_requests) - before)) before=$(n_requests)
    gone=$(stat_of run lost)
    [ $here = 0 ] || came=$((came + 1))
    [ "$gone" -le $((here * concurrency)) ] || complain "$gone lost in $here kills"
    [ $((total - n)) -le "$gone" ] || complain "$total requests for $n answers, $gone lost"
    [ "$(stat_of run again)" = 0 ] || complain "an answer came again"
    digest run | cmp -s digest.calm - || complain "other bytes"
    answers run | cmp -s answers.calm - || complain "other answers"
    grep -q '"stored_twice": 0' run/run.json || complain "computed twice"
    lost=$((lost + gone)) repeats=$((repeats + total - n)) here=0
    rm -rf run
done
echo "# $done_kills kills, $came runs resumed to their end: $lost requests lost, $repeats came twice"
[ $done_kills = $kills ] && [ $came -gt 0 ]; check "$kills kills at random instants"
[ $lost -gt 0 ] && [ $repeats -gt 0 ]; check "requests were in flight: $lost lost, $repeats asked again"
echo "$bad" >"$tmp/log"
[ -z "$bad" ]; check "the bytes and answers of the calm run, nothing recorded asked again"
finish
