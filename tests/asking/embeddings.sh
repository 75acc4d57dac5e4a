#!/bin/sh
# embeddings.sh ROOT BUILD: vectors as evidence of the built-in probe, from files and from a server,
# are used where a condition shows what they were made from, and nowhere else. Prints TAP.
set -u
root=$1
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
cd "$tmp" || exit 99
n=600

# Nothing tells the right choice but the number of its lot, modulo 4, which no word shows. Pictures
# are distinct, so that samples do not hang together. v.jsonl tells it, too.
awk -v n=$n 'BEGIN {
    srand(4711)
    for (i = 0; i < n; i++) {
        lot = 10000 + int(rand() * 90000)
        file = "p" i ".ppm"
        printf "P6 2 2 255\nabcabcabc%c%c%c", 33 + i % 80, 33 + int(i / 80), 40 >file
        close(file)
        printf "{\"id\": \"s%d\", \"question\": \"Which bin takes lot %d?\", \"answer\": \"%s\"," \
            " \"choices\": [\"bin of oak\", \"bin of tin\", \"bin of clay\", \"bin of wool\"]," \
            " \"media\": [{\"modality\": \"image\", \"path\": \"%s\"}]}\n", i, lot, \
            substr("ABCD", lot % 4 + 1, 1), file >"pool.jsonl"
        printf "{\"id\": \"s%d\", \"embedding\": [", i >"v.jsonl"
        for (k = 0; k < 8; k++)
            printf "%s%.4f", k ? ", " : "", (k == lot % 4) * 2 + rand() >"v.jsonl"
        print "]}" >"v.jsonl"
    }
}'

# order OPTIONS: the probe `own` under conditions of all kinds.
order() {
    cat >spec.yaml <<Y
blindfold: 1
name: vectors
seed: 7
pool: {path: pool.jsonl}
conditions:
  - full
  - blind
  - white: {replace: {image: white}}
  - lent: {replace: {image: swap}}
  - asked_nothing: {replace: {question: "Which one?"}}
probes:
  - {name: own, kind: builtin$1}
scores: [accuracy]
Y
}
# told RUN CONDITION...: what was answered there, without the keys.
told() {
    folder=$1
    shift
    "$BF" answers export "$folder" --probe own | for c in "$@"; do cat; done |
        sed 's/"key": *"[^"]*", *//' | grep -E "\"condition\": *\"($(echo "$*" | tr ' ' '|'))\"" | LC_ALL=C sort
}
# right CONDITION: the share of right answers.
right() { sed -n "s/^accuracy,own,$1,,all,\([^,]*\),.*/\1/p" run/stats.csv; }
above() { awk -v x="$1" -v y="$2" 'BEGIN { exit !(x > y) }'; }

order ""; ask; check "a run without vectors"
mv run plain
told plain blind white lent >plain.hidden

order ", embeddings: v.jsonl, embeds: [image]"; ask; check "a run with vectors of pictures"
above "$(right full)" 0.9; check "what only they tell is found where pictures are shown ($(right full))"
above 0.4 "$(right blind)"; check "and not under blind ($(right blind))"
told run blind white lent | diff plain.hidden - >"$tmp/log" && [ "$(wc -l <plain.hidden)" -ge $((3 * n)) ]
check "no probability under blind, white and swap differs from a run without the file"
above "$(right asked_nothing)" 0.9; check "another question leaves the picture's vector"
"$BF" run spec.yaml --out again --threads 1 >"$tmp/log" 2>&1; digest run >a; digest again | diff a - >"$tmp/log"
check "one thread gives the same bytes"
ask; grep -q '"answers": {"new": 0,' run/run.json; check "the same file is not computed again"
sed -i '1s/\[[0-9.]*,/[9,/' v.jsonl; ask; grep -q '"answers": {"new": 0,' run/run.json
[ $? = 1 ]; check "a changed one is"

order ", embeddings: v.jsonl, embeds: [image], without: [embedding]"; rm -rf run; ask
told plain full >plain.full; told run full | diff plain.full - >"$tmp/log"
check "left out as a kind of evidence they leave no trace"

order ", embeddings: v.jsonl, embeds: [image], learns: full"; rm -rf run; ask
above "$(right full)" 0.9 && above 0.4 "$(right blind)" && above 0.4 "$(right lent)"
check "models that saw them all find nothing where they are not ($(right blind), $(right lent))"

order ", embeddings: v.jsonl, embeds: [question, choices]"; rm -rf run; ask
above "$(right blind)" 0.9 && above 0.4 "$(right asked_nothing)"
check "vectors of question and choices are there under blind, and gone with the question"

# wrong TEXT: the order is wrong, and nothing is done.
wrong() {
    rm -rf run
    ask
    [ $? = 2 ] && grep -qF "$1" "$tmp/log" && [ ! -e run ]
}
sed -i '$d' v.jsonl; order ", embeddings: v.jsonl, embeds: [image]"; rm -rf run; ask &&
    grep -qF "probe 'own': 'v.jsonl' has no vector for 1 of $n samples" "$tmp/log"
check "a sample without a vector is counted"
echo '{"id": "x", "embedding": [1]}' >>v.jsonl
wrong "'v.jsonl' line $n, id 'x': a vector has 1 values, those before it 8"; check "another length stops before work"
order ", embeddings: v.jsonl"; wrong "'embeds' is missing"; check "what they are made from must be said"
order ", embeddings: v.jsonl, embeds: [picture]"
wrong "'embeds' has 'picture'; allowed: question, choices, and modalities"; check "and has to exist"
order ", embeds: [image]"; wrong "'embeds' without 'embeddings' or 'embed_url'"; check "and needs vectors"
order ", embed_url: \"http://h/v1\", embed_model: m, embeds: [image]"
wrong "'embed_url' makes vectors of words"; check "no server makes vectors of pictures"
order ", embed_url: \"http://h/v1\", embeds: [question]"; wrong "'embed_model'"; check "a server needs a model"

if ! command -v python3 >/dev/null; then
    skip "vectors from a server" "no python3"
    finish
fi

# server SECONDS: start one; $port is where.
server=
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
server() {
    rm -f place place.log
    python3 "$root/tests/asking/embed_server.py" place "$1" >server.err 2>&1 &
    server=$!
    i=0
    while [ ! -e place ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i + 1)); done
    port=$(cat place)
}
stop() { kill $server; wait $server 2>/dev/null; }
from_server() {
    order ", embed_url: \"http://127.0.0.1:$port/v1\", embed_model: tiny, embeds: [question, choices],
     embed_batch: 8, key_env: TEST_KEY"
}
TEST_KEY=sk-canary-4711
export TEST_KEY
n_texts=$((n + 4 + 1)) # questions, choices, and the one in place of all questions

server 0; from_server; rm -rf run; ask; check "a run with vectors from a server"
[ "$(sort place.log | uniq | wc -l)" = "$(wc -l <place.log)" ] && [ "$(wc -l <place.log)" -le $n_texts ]
check "each text is asked for once, whatever shows it ($(wc -l <place.log))"
grep -q "requests: 7[67] sent" "$tmp/log" && grep -q "tokens:   $(wc -l <place.log) in, 0 out" "$tmp/log"
check "requests and tokens are counted"
above "$(right blind)" 0.9 && above 0.4 "$(right asked_nothing)"
check "they tell the answer where the question is shown ($(right blind)), and only there ($(right asked_nothing))"
digest run >a; before=$(wc -l <place.log)
rm -rf run/benchmark; ask; digest run | diff a - >"$tmp/log" && [ "$(wc -l <place.log)" = "$before" ]
check "a second run asks for none"
! grep -raq canary run "$tmp/log"; check "the key is nowhere in the run folder"
TEST_KEY=sk-canary-other; rm -rf run; ask
[ $? = 2 ] && grep -q "refuses the key in 'TEST_KEY' (401: no such key: Bearer \*" "$tmp/log" && ! grep -raq canary run "$tmp/log"
check "a key that is refused stops the run, and is not repeated"
TEST_KEY=sk-canary-4711
stop

# Kills at any instant: what has come is kept. A request holds at most 8 texts.
server 0.02; from_server; rm -rf run; kills=0
if command -v timeout >/dev/null; then
    for after in 0.3 0.35 0.4 0.45 0.5 0.6; do
        timeout -s KILL $after "$BF" run spec.yaml --out run >"$tmp/log" 2>&1
        [ $? != 137 ] || kills=$((kills + 1))
    done
    ask; check "a run comes through after $kills kills"
    lost=$("$BF" answers stats run --json | sed -n 's/.*"lost": *\([0-9]*\).*/\1/p')
    again=$(($(wc -l <place.log) - $(sort place.log | uniq | wc -l)))
    [ "$again" -le $((8 * lost)) ] && grep -q '"stored_twice": 0' run/run.json
    check "no text is asked for again but those in flight ($again texts, $lost requests lost)"
    digest run >b; sed 's/:[0-9]*\/v1/:P\/v1/' run/spec.yaml >/dev/null
    grep -v 'spec.yaml' a >a1; grep -v 'spec.yaml' b | diff a1 - >"$tmp/log"
    check "the bytes are those of a run that nobody disturbed"
else
    skip "kills" "there is no timeout(1)"
fi
stop
finish
