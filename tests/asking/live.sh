#!/bin/sh
# live.sh ROOT BUILD: what a run says while it asks and at its end, against what the server counted.
# Prints TAP.
set -u
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
. "$1/tests/asking/mock.sh"
cd "$tmp" || exit 99
mock_or_skip "what a run says" "what a terminal shows"
pictures 120
more="prices: {mock-mcq: {input: 10, output: 30}}"

# of WORD: the number that the summary gives before it. told: that of the mock, of what it answered.
number() { sed -n "s/$1/\\1/p" "$tmp/log" | tr -d ,; }
told() { grep '"fault":"none"' "$tmp/requests" | sed 's/.*"bytes":\([0-9]*\).*/\1/' | awk "{ n += $1 } END { printf \"$2\", n }"; }
agrees() {
    [ "$(number '^  requests: \([0-9,]*\) sent.*')" = "$(n_requests)" ] &&
        [ "$(number '^  tokens:   \([0-9,]*\) in.*')" = "$(told 'int($1 / 4)' %d)" ] &&
        [ "$(number '^  tokens:   .* in, \([0-9,]*\) out.*')" = "$(told 1 %d)" ] &&
        [ "$(number '^  tokens:   .*; cost \(.*\)$')" = "$(told '(int($1 / 4) * 10 + 30) / 1e6' %.2f)" ]
}

mock_start --latency-ms 10 --jitter-ms 30
asked; ask; check "a run"
agrees; check "its summary says what the server counted"
saved=$(number '.*, \([0-9,]*\) saved as verdicts stood$') n=$(n_requests)
[ "$saved" = $((120 * 3 * 2 - n)) ]; check "what was not asked is what was saved"
grep '^m ' log >line; [ "$(grep -c . line)" = 1 ] &&
    grep -qE "^m  $n/$n  [0-9]+/s  $saved saved  00:0[0-9] in all  cost $(told '(int($1 / 4) * 10 + 30) / 1e6' %.2f)\$" line
check "one line at the end says the same"

rm -rf run; mock_stop
mock_start --latency-ms 10 --fault 500=0.1
ask; check "a run with faults"
agrees; check "its summary says what the server counted"
n_faults=$(n_requests requests '"fault":"500"')
grep '^m ' log >line; grep -qE "^m  $n/$n  [0-9.]+/s  $n_faults retried  $saved saved  " line &&
    [ "$(grep -c '^m: 500: injected$' log)" = 1 ]
check "faults are counted, their kind is said once"

rm -rf run; mock_stop; mock_start --latency-ms 10 --jitter-ms 30
"$BF" run spec.yaml --out run >"$tmp/log" 2>&1 &
id=$!; until_lines requests 100; kill -KILL $id; wait $id 2>/dev/null
lost=$(stat_of run lost) came=$(($(n_requests) - $(answers run | grep -c .))); ask
echo "$came came to the server" >>"$tmp/log" # the others were about to be sent
[ "$lost" -gt 0 ] && [ "$lost" -ge "$came" ] && [ "$lost" -le 16 ] && grep -q "^  lost:     $lost requests to hard kills, in all runs here$" log && grep -q ' saved  ' log
check "what a kill cost is said: $lost requests"
before=$(n_requests); ask; [ "$(n_requests)" = "$before" ] && grep -q '^  requests: 0 sent' log && ! grep -q '^m ' log
check "a run that asks nothing has no line"

if ! script -qec true /dev/null >/dev/null 2>&1; then
    skip "what a terminal shows" "there is no script(1)"
    finish
fi
rm -rf run; mock_stop; mock_start --latency-ms 150 --jitter-ms 50
script -qec "$BF run spec.yaml --out run" /dev/null >screen 2>&1 </dev/null; check "a run on a terminal"
tr '\r' '\n' <screen | sed 's/\x1b\[[?0-9]*[Khl]//g' >log
grep -E '^m  [0-9]+/[0-9]+' log >line
[ "$(grep -c . line)" -gt 10 ] && [ "$(grep -c . line)" -lt 200 ]; check "the line is drawn again and again"
! grep -vE '^m  [0-9]+/[0-9]+(  [0-9.]+/s)?(  [0-9]+ in flight)?(  [0-9]+ saved)?(  [0-9:]+ (left|in all))?  cost [0-9.e-]+ *$' line >bad
cp line "$tmp/log"; check "and says how far it is"
awk -F '[ /]+' '{ if ($2 < was || $3 < $2) exit 1; was = $2 }' line; check "it never goes back"
awk '/in flight/ { for (i = 1; i < NF; i++) if ($(i + 1) == "in" && $i > most) most = $i } END { exit most != 16 }' line
check "16 are in flight, never more"
tail -n 1 line | grep -q "^m  $n/$n .*$saved saved .*in all"; check "the last one stays"
finish
