#!/bin/sh
# batch.sh ROOT BUILD: requests in files, and the outputs that a stand-in makes of them: in any order
# and number, with errors, of another run, cut off. Prints TAP.
set -u
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
cd "$tmp" || exit 99
batcher="$1/tests/asking/batcher.awk"
pool 24

# batch [OPTIONS]: an order that asks in files. serve FILE [NAME=VALUE...]: outputs for a file.
batch() {
    rm -rf run
    spec "kind: batch, model: m${1:+, $1}"
}
serve() {
    file=$1
    shift
    args=
    for a; do args="$args -v $a"; done
    awk -v errors="run/own/errors-$file.jsonl" $args -f "$batcher" "run/own/requests-$file.jsonl" \
        >"run/own/out-$file${part:-}.jsonl"
}
lines() { cat "$@" | wc -l; }

batch; ask
said 1 "blindfold: probe 'own': 1 batch file with 24 requests waits in 'run/own'; put its output beside and run again"
check "requests are written, and the run stops"
[ "$(lines run/own/requests-0001.jsonl)" = 24 ] &&
    [ "$(grep -cE '^\{"custom_id":"bf-[0-9a-f]{32}","method":"POST","url":"/v1/chat/completions","body":\{"model":"m",.*\}\}$' \
        run/own/requests-0001.jsonl)" = 24 ]
check "each is a line of a batch file"
[ "$(cut -c1-52 run/own/requests-0001.jsonl | sort -u | wc -l)" = 24 ]; check "each has a name of its own"
cp run/own/requests-0001.jsonl first; ask
said 1 "blindfold: probe 'own': 1 batch file with 24 requests waits in 'run/own'; put its output beside and run again"
check "a run without outputs waits on"
[ "$(ls run/own)" = requests-0001.jsonl ] && cmp -s first run/own/requests-0001.jsonl
check "it writes nothing again"
part=odd serve 0001 part=odd; ask
said 1 "blindfold: probe 'own': 1 batch file with 12 requests waits in 'run/own'; put its output beside and run again"
check "half of the outputs are taken"
[ "$(ls run/own | grep -c requests)" = 1 ]; check "the other half is not written again"
part=even serve 0001 part=even; ask && right 24 && grep -q '12 new, 12 from the ledger' "$tmp/log"
check "with the other half the run comes to its end"
ask && right 24 && grep -q '0 new, 24 from' "$tmp/log"; check "and once more"

batch "max_lines: 10, orders: circular, trials: 3" && ask
said 1 "blindfold: probe 'own': 8 batch files with 72 requests wait in 'run/own'; put their outputs beside and run again"
check "files are split by lines"
for i in 7 2 5 8 1 3 6 4; do serve 000$i; done
cat run/own/out-000[1-4].jsonl | sort -r >run/own/first.jsonl; rm run/own/out-000[1-4].jsonl
ask && right 24 && grep -q '72 new' "$tmp/log"; check "trials and orders, outputs put together in another way"
# With a filter, trials after the first are further rounds of files: no run ends before they are in.
batch "trials: 3, orders: circular"
echo 'filters: [{answerable: {under: blind, right: "> 1/2", by: ">= 1"}}]' >>spec.yaml
ask; serve 0001; ask
said 1 "blindfold: probe 'own': 1 batch file with 24 requests waits in 'run/own'; put its output beside and run again"
check "a verdict that hangs on later trials waits for their files"
[ ! -e run/verdicts.jsonl ] && [ ! -e run/benchmark ]; check "and nothing is decided before"
serve 0002; ask && [ "$(grep -c '"verdict": "reject"' run/verdicts.jsonl)" = 24 ]
check "two of three right are enough: no third file is asked for"

batch "max_bytes: 2 kB"; ask
[ "$(ls run/own | wc -l)" -gt 2 ] && [ "$(lines run/own/requests-*)" = 24 ] &&
    [ -z "$(find run/own -type f -size +2000c)" ]
check "files are split by bytes"
batch "max_bytes: 1 kB, system: $(printf '%01000d' 0)" ; ask
[ $? = 0 ] && [ "$(ls run/own | wc -l)" = 0 ]; check "a request over the limit alone fails"
under=full; batch; ask
[ "$(grep -c '"image_url":{"url":"data:image/png;base64,' run/own/requests-0001.jsonl)" = 24 ]
check "pictures are in the requests"
serve 0001 && ask && right 24; check "and their outputs are known without them"
under=blind

batch; ask; serve 0001 mode=429 hit=01234567; mv run/own/errors-0001.jsonl errors
again=$(lines errors); ask
said 1 "blindfold: probe 'own': 1 batch file with $again requests waits in 'run/own'; put its output beside and run again"
check "what came back with an error waits for the error file"
mv errors run/own/errors-0001.jsonl; ask
said 1 "probe 'own': $again requests came back with an error and are written again, the last: 429: slow down
blindfold: probe 'own': 1 batch file with $again requests waits in 'run/own'; put its output beside and run again"
check "what may work later is written again, and why is told"
[ "$(lines run/own/requests-0002.jsonl)" = "$again" ] && ask; [ ! -e run/own/requests-0003.jsonl ]
check "once"
serve 0002 && ask && right 24; check "and answered then"

batch "attempts: 2" && ask; serve 0001 mode=expired && ask
said 1 "probe 'own': 24 requests came back with an error and are written again, the last: not done in time
blindfold: probe 'own': 1 batch file with 24 requests waits in 'run/own'; put its output beside and run again"
check "what expired is written again"
serve 0002 mode=expired round=x ; ask
[ $? = 0 ] && [ "$(ls run/own | grep -c requests)" = 2 ] && grep -q '0 new' "$tmp/log"
check "after so many attempts it fails"
batch; ask; serve 0001 mode=long hit=0123456789 ; ask
[ $? = 0 ] && right $((24 - $(lines run/own/errors-0001.jsonl))) && [ ! -e run/own/requests-0002.jsonl ]
check "what can never work is not written again"

batch; echo 'spend: {requests: 10}' >>spec.yaml; ask
said 1 "blindfold: probe 'own': 1 batch file with 10 requests waits in 'run/own'; put its output beside and run again; no more is asked within the limit of 10 requests"
check "no more is written than may be spent"
cp run/own/requests-0001.jsonl first; ask; cmp -s first run/own/requests-0001.jsonl && [ "$(ls run/own)" = requests-0001.jsonl ]
check "what waits counts"
serve 0001; ask
said 1 "blindfold: probe 'own': spend limit of 10 requests reached; raise 'spend' and run again to go on"
check "and what was answered in this run"

batch; ask; serve 0001; cp run/own/out-0001.jsonl other
spec "kind: batch, model: m2"; rm -rf run; ask; cp other run/own/other.jsonl; ask
said 2 "blindfold: 'run/own/other.jsonl': batch output of another run: none of its 24 lines answers a request of this one"
check "outputs of another run are refused"
rm run/own/other.jsonl; serve 0001 && ask && right 24; check "and forgotten"
ask; rm -rf run/own/*; spec "kind: batch, model: m2, orders: fixed"; ask; serve 0001
cat other >>run/own/out-0001.jsonl; ask && right 24; check "lines of others among ours are passed over"

# bad TEXT WANT: a file with that line is refused.
bad() {
    printf '%s\n' "$1" >run/own/bad.jsonl
    ask
    said 2 "blindfold: 'run/own/bad.jsonl:1': $2"
    check "refused: $2"
}
batch; ask
bad '{"custom_id": "bf-1", "resp' "not JSON: unexpected end of data at byte 28"
bad '{"id": 1}' "'custom_id' is missing: not an output of a batch"
bad "$(head -n 1 run/own/requests-0001.jsonl)" "'response' is missing: not an output of a batch"
rm run/own/bad.jsonl; echo '{}' >run/own/requests-0002.jsonl; ask
said 2 "blindfold: 'run/own/requests-0002.jsonl:1': not a request of ours"; check "a request file that is not ours"
rm run/own/requests-0002.jsonl; : >run/own/requests-0002.jsonl.part; ask
[ "$(ls run/own)" = requests-0001.jsonl ]; check "what a kill left half written is removed"
spec "kind: batch, model: m, url_path: v1"; ask
said 2 "spec.yaml:6:5: 'url_path' is 'v1'; allowed: a path that begins with /"; check "a path that is none"
finish
