#!/bin/sh
# faults.sh ROOT BUILD: servers that fail in every way, now and then or for good: every question ends
# answered, none twice, and what cannot be answered is asked once. BF_SLOW=1: a server is away for a
# minute. Prints TAP.
set -u
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
. "$1/tests/asking/mock.sh"
cd "$tmp" || exit 99
away=5
[ -z "${BF_SLOW:-}" ] || away=60
mock_or_skip "faults now and then" "odd replies" "permanent errors" "servers away"
pictures 120
mock_start
asked
ask; check "a server without faults"
answers run >answers.calm
n=$(grep -c . answers.calm)
cut -d , -f 1-3 run/verdicts.jsonl >verdicts.calm

# meet OPTIONS: a new mock and a run from nothing against it. its_answers: those of the calm run, none
# twice. ended LOG: requests of it that had an answer.
meet() {
    mock_stop; rm -rf run
    mock_start "$@"
    ask
}
its_answers() {
    answers run | diff answers.calm - >"$tmp/log" && [ "$(stat_of run again)" = 0 ] && [ "$(stat_of run lost)" = 0 ]
}
ended() { n_requests "${1:-requests}" '"fault":"none"\|"fault":"trickle"'; }
never_answered() { sed -n 's/.* \([0-9,]*\) never answered.*/\1/p' "$tmp/log"; }

meet --latency-ms 5 --retry-after 0.2 --fault 429=0.03 --fault 500=0.03 --fault 503=0.03 --fault reset=0.02 \
    --fault close=0.02 --fault truncate=0.02 --fault trickle=0.02 --fault malformed=0.01 --fault 502html=0.01 \
    --fault err200=0.01
check "a fifth of the replies are faults"
! grep -q 'never answered' "$tmp/log" && [ "$(n_requests requests '"fault":"[^n]')" -gt $((n / 8)) ]
check "$(n_requests requests '"fault":"[^n]') of $(n_requests) were, no question fails"
[ "$(n_distinct)" = "$n" ] && [ "$(ended)" = "$n" ] && its_answers; check "every question has its answer, none came twice"
for f in 429 500 503 reset close truncate malformed 502html err200; do
    [ "$(n_requests requests "\"fault\":\"$f\"")" -gt 0 ] || echo "no $f" >>"$tmp/log"
done
! grep -q '^no ' "$tmp/log"; check "all kinds occurred"

meet --latency-ms 5 --fault empty=0.1 --fault null=0.05 --fault refuse=0.1
check "replies that are empty or decline"
[ "$(n_requests)" = "$(n_distinct)" ] && [ "$(answers run | grep -c .)" = "$(n_requests)" ]
check "are answers: nothing is asked again"
[ "$(stat_of run refused)" = "$(n_requests requests '"fault":"refuse"')" ] &&
    [ "$(stat_of run unparsed)" = "$(n_requests requests '"fault":"empty"\|"fault":"null"')" ] &&
    [ "$(stat_of run refused)" -gt 0 ]
check "of the classes refused and unparsed"

meet --latency-ms 5 --fault 400=0.1; check "some questions are refused for good"
cp log first; failed=$(n_requests requests '"fault":"400"')
[ "$failed" -gt 0 ] && [ "$(n_requests)" = "$(n_distinct)" ]; check "they are not asked twice"
[ "$(never_answered)" = "$failed" ] && [ "$(answers run | grep -c .)" = $(($(n_requests) - failed)) ] &&
    [ "$(grep -c '^m: 400: injected$' "$tmp/log")" = 1 ]
check "they are counted, and the reason is said once"
hashes() { sed 's/.*"hash":"\([0-9a-f]*\)".*/\1/' | sort; }
grep '"fault":"none"' requests | hashes >answered
mock_stop; mock_start; ask; hashes <requests | comm -12 answered - >"$tmp/log"
[ ! -s "$tmp/log" ] && [ "$(n_requests)" -gt $((failed / 2)) ] &&
    cut -d , -f 1-3 run/verdicts.jsonl | diff verdicts.calm - >"$tmp/log"
check "another run asks of them what still matters, and nothing that was answered"

meet --fault 401=1; stopped_with 2 "wants a key: name its environment variable with 'key_env' (401: injected)$"
check "no key"
[ "$(n_requests)" -le 16 ]; check "is found out by the first requests"
export BF_TEST_KEY=sk-0123456789abcdef
asked "key_env: BF_TEST_KEY"
meet --fault 401=1; stopped_with 2 "refuses the key in 'BF_TEST_KEY' (401: injected)$"; check "a wrong key"
! grep -r "$BF_TEST_KEY" log run >/dev/null; check "it is nowhere"
asked
meet --latency-ms 5 --fault 401=0.02; stopped_with 1 "wants a key"; check "a key that runs out stops the run"
[ "$(answers run | grep -c .)" = "$(n_requests requests '"fault":"none"')" ]; check "what was answered is kept"
had=$(answers run | grep -c .); mock_stop; mock_start; ask && its_answers && [ "$(n_requests)" = $((n - had)) ]
check "the next run asks the rest only: $(n_requests) of $n, $had were there"

asked "timeout: 1 s"
start=$(date +%s); meet --latency-ms 5 --fault hang=0.03; check "replies that never come"
echo "$(($(date +%s) - start)) s" >>"$tmp/log"
[ $(($(date +%s) - start)) -lt 30 ] && [ "$(ended)" = "$n" ] && ! grep -q 'never answered' "$tmp/log" && its_answers
check "are given up after the timeout, and asked again"
meet --fault hang=1 --fault-attempts 1; check "each question hangs once"
[ "$(n_requests)" = $((2 * n)) ] && its_answers; check "and is answered the second time"

asked
meet --latency-ms 20 --max-inflight 4; check "a server that takes four at once"
its_answers && [ "$(n_requests)" -lt $((2 * n)) ]; check "$(n_requests) requests for $n answers"
asked "concurrency: 0"
sed -i.bak 's/concurrency: 16, //' spec.yaml
meet --latency-ms 20 --max-inflight 24; check "the same, concurrency found"
its_answers && [ "$(n_requests)" -lt $((3 * n / 2)) ]; check "$(n_requests) requests for $n answers"

# A server that goes away for some seconds, in the middle.
asked
mock_stop; rm -rf run; mock_start --latency-ms 40; start=$(date +%s%N)
"$BF" run spec.yaml --out run >"$tmp/log" 2>&1 &
id=$!
until_lines requests 100
mock_stop; sleep $away; mock_at $port later --latency-ms 40
wait $id; check "a server is away for $away s"
ms=$((($(date +%s%N) - start) / 1000000)); echo "$ms ms" >>"$tmp/log"
[ $ms -lt $((away * 1000 + n * 40 / 16 + 5000)) ]; check "that costs these seconds: $ms ms in all"
grep -q "^server 'http://127.0.0.1:$port/v1' does not answer (connection refused): waiting for it" "$tmp/log" &&
    grep -q "answers again after [0-9]* s$" "$tmp/log"
check "it is said, and that it is back"
! grep -q 'never answered' "$tmp/log" && [ $(($(n_requests) + $(n_requests later))) -le $((n + 32)) ] && its_answers
check "no question fails"

asked; rm -rf run; mock_stop; start=$(date +%s)
ask; stopped_with 1 "^blindfold: cannot reach server 'http://127.0.0.1:$port/v1': connection refused$"
check "a server that was never there stops the run"
[ $(($(date +%s) - start)) -lt 5 ]; check "at once"
asked "patience: 0.05 min"; mock_start --latency-ms 40; start=$(date +%s)
"$BF" run spec.yaml --out run >"$tmp/log" 2>&1 &
id=$!
until_lines requests 100; mock_stop
wait $id; stopped_with 1 "^blindfold: server 'http://127.0.0.1:$port/v1' has not answered for 0.05 min: connection refused$"
check "one that does not come back stops it when patience ends"
had=$(answers run | grep -c .); [ "$had" -ge 84 ] && [ "$had" -le "$(n_requests)" ] && [ $(($(date +%s) - start)) -lt 12 ]
check "what was answered is kept"

# A server that is away when its turn comes, after others were asked.
mock_stop; rm -rf run; mock_start --latency-ms 5
asked
awk '{ print } /name: m,/ { sub(/name: m,/, "name: second,"); sub(/:[0-9]+\/v1/, ":'$((port + 1))'/v1"); print }' \
    spec.yaml >two.yaml && mv two.yaml spec.yaml
"$BF" run spec.yaml --out run >"$tmp/log" 2>&1 &
id=$!
until_lines requests 240; sleep 3; mock_at $((port + 1)) other --latency-ms 5
wait $id; check "a server that is away when its turn comes"
[ "$(n_requests)" -ge 240 ] && [ "$(n_requests other)" -ge 240 ] && ! grep -q 'never answered' "$tmp/log" &&
    grep -q "^server 'http://127.0.0.1:$((port + 1))/v1' does not answer (connection refused): waiting for it" "$tmp/log"
check "is waited for"

# Two servers of one model, one of them dead at first.
mock_stop
url='[REPLACED]' asked
sed "s|\"\[REPLACED\]\"|[\"http://127.0.0.1:$port/v1\", \"http://127.0.0.1:$((port + 1))/v1\"]|" spec.yaml >two.yaml
mv two.yaml spec.yaml
rm -rf run; mock_start --latency-ms 150; one=$mock_id
"$BF" run spec.yaml --out run >"$tmp/log" 2>&1 &
id=$!
until_lines requests 48
mock_at $((port + 1)) other --latency-ms 150
until_lines other 32; check "a dead server is taken back when it lives"
mock_stop $one; last=$(n_requests)
wait $id; check "another carries on when it dies"
echo "$last at the first, $(n_requests other) at the second" >>"$tmp/log"
[ "$last" -ge 48 ] && [ "$(n_requests other)" -gt 48 ] && [ $((last + $(n_requests other))) -le $((n + 16)) ]
check "both were asked: $last and $(n_requests other) requests"
! grep -q 'never answered' "$tmp/log" && its_answers; check "no question fails"
finish
