#!/bin/sh
# judge.sh ROOT BUILD: free text, with and without somebody who judges it. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"
cd "$tmp" || exit 99
talker=$build/tests/asking/talker

printf 'P6 2 2 255\nabcabcabcabc' >p.ppm
i=0
while [ $i -lt 9 ]; do
    echo "{\"id\": \"s$i\", \"task\": \"text\", \"question\": \"What is item $i?\", \"answer\": \"automobile\"," \
        "\"media\": [{\"modality\": \"image\", \"path\": \"p.ppm\"}]}"
    i=$((i + 1))
done >pool.jsonl

# spec REST: who judges
spec() {
    cat >spec.yaml <<END
blindfold: 1
name: judged
pool: {path: pool.jsonl}
conditions: [blind, pale: {replace: {image: white}}]
probes:
  - {name: m, kind: command, command: "exec '$talker'"}
$1
filters: [{answerable: {under: blind, by: ">= 1"}}]
END
    "$build/blindfold" run spec.yaml --out run >log 2>&1
    rc=$?
    return $rc
}
stat() { awk -F , -v s="$1" -v c="$2" '$1 == s && $2 == "m" && $3 == c && $5 == "all" { print $6 }' run/stats.csv; }
kept() { grep -c '"verdict": "keep"' run/verdicts.jsonl; }

spec ""; check "free text is asked without a judge"
[ "$(stat accuracy blind)" = 0.3333333333333333 ]; check "then the gold's very words alone are right"
[ "$(kept)" = 9 ]; check "and no filter rejects"
grep -q 'free text without a judge' run/verdicts.jsonl; check "which is said"

rm -rf run
spec "  - {name: j, kind: command, role: judge, command: \"exec '$talker' '$tmp/asked'\"}
judge: {probe: j}"
check "with a judge"
[ "$(stat accuracy blind)" = 0.6666666666666666 ]; check "what means the same is right"
[ "$(kept)" = 3 ]; check "and filters speak of it"
[ "$(wc -l <asked)" = 6 ]; check "each distinct reply was judged once, whatever the condition"
! grep -qE 'blind|pale|white|"m"' asked; check "the judge sees neither condition nor probe"
spec "  - {name: j, kind: command, role: judge, command: \"exec '$talker' '$tmp/asked'\"}
judge: {probe: j}"
[ "$(wc -l <asked)" = 6 ]; check "a second run judges nothing again"

i=0
while [ $i -lt 20 ]; do
    echo "{\"question\": \"Label $i?\", \"gold\": \"automobile\", \"reply\": \"a car\", \"right\": true}"
    echo "{\"question\": \"Label $i?\", \"gold\": \"automobile\", \"reply\": \"a carrot\", \"right\": $([ $i -lt 5 ] && echo false || echo true)}"
    echo "{\"question\": \"Label $i?\", \"gold\": \"automobile\", \"reply\": \"a boat\", \"right\": false}"
    i=$((i + 1))
done >labels.jsonl
# Of 35 right ones the judge calls 35 right, of 25 wrong ones 20 wrong: Se 1, Sp 0.8, so that
# (2/3 + 0.8 - 1) / 0.8 = 0.5833.
spec "  - {name: j, kind: command, role: judge, command: \"exec '$talker' '$tmp/asked'\"}
judge: {probe: j, labels: labels.jsonl}"
check "with labels of people"
stat accuracy_judged blind >"$tmp/log"; grep -q '^0.58333' "$tmp/log"; check "its errors are taken out"

echo '{"question": "x", "gold": "y", "reply": "z"}' >>labels.jsonl
rm -rf run asked
spec "  - {name: j, kind: command, role: judge, command: \"exec '$talker' '$tmp/asked'\"}
judge: {probe: j, labels: labels.jsonl}"
[ $? = 2 ] && grep -q "labels.jsonl:61: 'right' is missing; allowed: true, false" log
check "a label that is none is named with its line"
[ ! -e asked ]; check "before anybody is asked"
finish
