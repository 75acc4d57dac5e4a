#!/bin/sh
# parts.sh ROOT BUILD: questions with several pictures, some of them choices, put to a server: what
# differs in removed parts alone is one question. Prints TAP.
set -u
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
. "$1/tests/asking/mock.sh"
cd "$tmp" || exit 99
mock_or_skip "pictures among the words"

# Samples aI and bI say the same and differ in their second picture, a choice. The server knows the
# answer when it is shown a picture.
n=20
awk -v n=$n 'BEGIN { for (i = 0; i < n; i++) {
    for (k = 0; k < 4; k++) {
        f = sprintf("%d-%d.ppm", i, k)
        printf "P6 2 2 255\n%012d", i * 7919 + k * 104729 >f
        close(f)
    }
    for (k = 1; k < 3; k++)
        printf "{\"id\": \"%s%d\", \"question\": \"Item %d #k=B/i# is like <image 1>?\", \"answer\": \"B\"," \
            " \"image\": \"%d-0.ppm\", \"choices\": [{\"image\": \"%d-%d.ppm\"}, {\"text\": \"this\"," \
            " \"image\": \"%d-3.ppm\"}]}\n", k == 1 ? "a" : "b", i, i, i, i, k, i } }' >pool.jsonl
cat >spec.yaml <<Y
blindfold: 1
name: asked
pool: {path: pool.jsonl}
conditions:
  - full
  - second: {replace: {image.2: drop}}
  - none: {replace: {all: drop}}
  - every_subset: {over: [image.2, question]}
probes:
  - {name: m, kind: chat, url: "http://127.0.0.1:$port/v1", model: mock-mcq, orders: fixed, under: [full, second, none, without_image.2]}
scores: [accuracy]
Y
mock_start
ask; check "a run"
[ "$(n_requests)" = $((4 * n)) ] && [ "$(n_distinct)" = $((4 * n)) ]
check "$((2 * n)) whole questions, and one for each two that differ in what is removed"
[ "$(n_requests requests '"mods":0,')" = $n ] && [ "$(n_requests requests '"choices":2,')" = $((4 * n)) ]
check "what is removed is not sent, and letters stay"
grep -q '^accuracy,m,full,,all,1,' run/stats.csv && grep -q '^accuracy,m,second,,all,1,' run/stats.csv &&
    grep -q '^accuracy,m,without_image.2,,all,1,' run/stats.csv
check "each condition has its accuracy"
before=$(n_requests)
ask && [ "$(n_requests)" = "$before" ]; check "a second run asks nothing"

# Another of the removed pictures asks nothing new; another of those that are left does.
printf 'P6 4 1 255\n000000000000' >0-2.ppm
ask && [ "$(n_requests)" = $((before + 1)) ]; check "a removed picture that changes changes one question"
printf 'P6 4 1 255\n111111111111' >1-0.ppm
ask && [ "$(n_requests)" = $((before + 1 + 3)) ]; check "one that is shown changes all that show it"
finish
