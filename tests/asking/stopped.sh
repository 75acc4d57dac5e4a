#!/bin/sh
# stopped.sh ROOT BUILD: runs that are stopped by the user or by a limit of spending, those that find
# another run at work, and the pace that a spec sets. Prints TAP.
set -u
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
. "$1/tests/asking/mock.sh"
cd "$tmp" || exit 99
mock_or_skip "interrupts" "limits" "two runs" "pace"
pictures 120
mock_start --latency-ms 10 --jitter-ms 30
asked
"$BF" run spec.yaml --out calm >"$tmp/log" 2>&1; check "a run that nobody disturbs"
digest calm >digest.calm
answers calm >answers.calm
n=$(grep -c . answers.calm)

# anew: forget all runs and what the server counted; begin: a run in the background.
anew() {
    mock_stop
    rm -rf run
    mock_start --latency-ms 10 --jitter-ms 30
}
begin() { "$BF" run spec.yaml --out run >"$tmp/log" 2>&1 & id=$!; }
# as_calm: after the runs so far answers and bytes are those of the calm run, nothing asked twice.
as_calm() {
    answers run | diff answers.calm - >"$tmp/log" && digest run | diff digest.calm - >"$tmp/log" &&
        [ "$(n_requests)" = "$n" ] && [ "$(stat_of run again)" = 0 ] && [ "$(stat_of run lost)" = 0 ]
}

for sig in INT TERM; do
    anew; begin
    until_lines requests 100
    kill -$sig $id; wait $id
    stopped_with 1 '^blindfold: stopped; run again to go on$'; check "SIG$sig stops the run"
    grep -q '^stopping once the replies in flight are in' "$tmp/log" && [ "$(n_requests)" -lt $n ]
    check "it says so, and asks no more"
    [ "$(answers run | grep -c .)" = "$(n_requests)" ] && [ "$(stat_of run lost)" = 0 ] &&
        [ ! -e run/ledger.db-inflight ]
    check "all that was sent is recorded"
    ask && as_calm; check "the next run asks the rest only"
done

mock_stop; rm -rf run; mock_start --latency-ms 10 --fault 503=0.3 --retry-after 2
begin
until_lines requests 60
kill -INT $id; wait $id
stopped_with 1 'run again to go on' && [ "$(n_requests requests '"fault":"503"')" -gt 5 ]
check "a run whose server turns questions away is stopped"
[ "$(stat_of run lost)" = 0 ] && [ "$(answers run | grep -c .)" = "$(n_requests requests '"fault":"none"')" ] &&
    [ ! -e run/ledger.db-inflight ]
check "what waits to be sent again is not lost"
mock_stop; rm -rf run; mock_start --latency-ms 10 --fault 503=0.3 --retry-after 2
begin
until_lines requests 60
kill -KILL $id; wait $id 2>/dev/null
[ "$(stat_of run lost)" -le 16 ]; check "not even by a kill"

mock_stop; rm -rf run; mock_start --latency-ms 3000
begin
until_lines requests 16
kill -INT $id; sleep 0.5; kill -INT $id; wait $id
[ $? = 130 ]; check "a second signal does not wait"
[ "$(answers run | grep -c .)" = 0 ] && [ "$(stat_of run lost)" = 16 ]
check "what was in flight then is counted as lost"

# A limit on requests is exact; those on tokens and money count what is in flight as estimated.
anew; more="spend: {requests: 150}" asked; ask
stopped_with 1 "^blindfold: spend limit of 150 requests reached; raise 'spend' and run again to go on$"
check "a limit on requests stops the run"
[ "$(n_requests)" = 150 ] && [ "$(answers run | grep -c .)" = 150 ]; check "at that number"
ask; stopped_with 1 'spend limit of 150 requests reached' && [ "$(n_requests)" = 300 ]
check "each run may spend as much"
asked; ask && as_calm; check "a run without the limit asks the rest only"

tokens_of() { sed -n 's/.*"bytes":\([0-9]*\).*/\1/p' "$tmp/requests" | awk '{ n += int($1 / 4) + 1 } END { print n + 0 }'; }
anew; more="spend: {tokens: 20000}" asked; ask
stopped_with 1 "spend limit of 20000 tokens reached; raise 'spend'"; check "a limit on tokens stops the run"
echo "$(tokens_of) tokens in $(n_requests) requests" >>"$tmp/log"
[ "$(tokens_of)" -ge 15000 ] && [ "$(tokens_of)" -le 22000 ] && [ "$(answers run | grep -c .)" = "$(n_requests)" ]
check "near that number: $(tokens_of)"
asked; ask && as_calm; check "a run without the limit asks the rest only"

anew; more="prices: {mock-mcq: {input: 10, output: 30}}
spend: {money: 0.25}" asked; ask
stopped_with 1 "spend limit of 0.25 of money reached; raise 'spend'"; check "a limit on money stops the run"
cost=$(sed -n 's/.*"bytes":\([0-9]*\).*/\1/p' requests | awk '{ n += int($1 / 4) * 10 + 30 } END { printf "%.4f", n / 1e6 }')
echo "$cost of money in $(n_requests) requests" >>"$tmp/log"
awk -v c="$cost" 'BEGIN { exit !(c > 0.2 && c < 0.27) }' && [ "$(answers run | grep -c .)" = "$(n_requests)" ]
check "near that sum: $cost"
more="prices: {mock-mcq: {input: 10, output: 30}}
spend: {money: 100}" asked; ask && answers run | diff answers.calm - >"$tmp/log" && [ "$(n_requests)" = "$n" ]
check "a run with a higher limit asks the rest only"

asked; anew; begin
until_lines requests 50
digest run >digest.before; "$BF" run spec.yaml --out run >"$tmp/second" 2>&1; rc=$?
cp "$tmp/second" "$tmp/log"
[ $rc = 1 ] && grep -qx "blindfold: ledger '.*run/ledger.db' is in use by process $id" "$tmp/second"
check "a second run names the process of the first"
kill -0 $id 2>/dev/null && digest run | diff digest.before - >"$tmp/log"; check "and changes nothing"
[ "$(answers run | grep -c .)" -gt 0 ]; check "answers are exported meanwhile"
wait $id && as_calm; check "the first comes to its end"

anew; rm -rf pool.jsonl pictures; pictures 20; asked "requests_per_minute: 600"
start=$(date +%s%N); ask; check "a pace"
ms=$((($(date +%s%N) - start) / 1000000)); echo "$(n_requests) requests in $ms ms" >"$tmp/log"
least=$((($(n_requests) - 5) * 100)) # asking begins anew a few times, each with one at once
[ $ms -ge $least ] && [ $ms -le $((least + 4000)) ]; check "is kept: $(n_requests) requests in $ms ms"
finish
