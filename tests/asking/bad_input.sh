#!/bin/sh
# bad_input.sh ROOT BUILD: what is wrong with an order, a server, a key, prices or answers is told in
# one line, with the exit status that fits. Prints TAP.
set -u
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
. "$1/tests/asking/mock.sh"
no_proxy='*' NO_PROXY='*'; export no_proxy NO_PROXY
cd "$tmp" || exit 99
pool 12

# with SPEC [PRICES]: a run of it from nothing.
with() {
    rm -rf run
    spec "$1"
    printf '%s' "${2:+$2
}" >>spec.yaml
    ask
}
chat() { with "kind: chat, model: good, $1" "${2:-}"; }
nothing_kept() { ! grep -rq "$1" run "$tmp/log"; }

# Hosts. Nobody listens on port 1.
chat 'url: "http://127.0.0.1:1/v1"'
said 1 "blindfold: cannot reach server 'http://127.0.0.1:1/v1': connection refused"; check "nobody listens"
chat 'url: "http://no-such-host.invalid/v1"'
said 2 "blindfold: cannot reach server 'http://no-such-host.invalid/v1': no such host"; check "no such host"
chat 'url: "127.0.0.1:1/v1"'
said 2 "spec.yaml:6:5: 'url' is '127.0.0.1:1/v1'; allowed: one that begins with http:// or https://"; check "no protocol"
chat 'url: ["http://127.0.0.1:1/v1", "ftp://127.0.0.1/v1"]'
said 2 "spec.yaml:6:5: 'url' is 'ftp://127.0.0.1/v1'; allowed: one that begins with http:// or https://"
check "another protocol"
with "kind: chat, model: good"
said 2 "spec.yaml:6:5: 'url' of 'chat' is missing; allowed: a list of names"; check "no host"

# Prices.
local='url: "http://127.0.0.1:1/v1"'
allowed="allowed: a number, 0 or more (for a million tokens)"
prices() {
    chat "$local" "prices: $1"
    said 2 "spec.yaml:8:$2"; check "prices: $1"
}
prices "3" "9: 'prices' is '3'; allowed: a map from models to prices, such as {gpt-4o-mini: {input: 0.15, output: 0.6}}"
prices "[good]" "9: 'prices' is a list; allowed: a map from models to prices, such as {gpt-4o-mini: {input: 0.15, output: 0.6}}"
prices "{good: 3}" "16: 'good' is '3'; allowed: a map such as {input: 0.15, output: 0.6}"
prices "{good: {input: \$3, output: 1}}" "24: 'input' is '\$3'; $allowed"
prices "{good: {input: -1, output: 1}}" "24: 'input' is '-1'; $allowed"
prices "{good: {input: 1, output: nan}}" "35: 'output' is 'nan'; $allowed"
prices "{good: {input: 1}}" "10: 'output' of the price of 'good' is missing; $allowed"
prices "{good: {input: 1, output: 1, cached: 2}}" "38: unknown key 'cached'; allowed: input, output"
prices "{good: {input: 1, output: 1}, good: {input: 1, output: 2}}" "39: 'good' stands twice; the first is at 8:10"
chat "$local" "prices: {goood: {input: 1, output: 1}}
spend: {money: 1}"
said 2 "spec.yaml:9:16: 'money' cannot limit probe 'own': 'prices' has none for model 'good'"
check "a limit on money without a price of the model"

# Outputs of another batch.
with "kind: batch, model: good"
sed 's/.*"custom_id":"\([^"]*\)".*/{"custom_id": "\1", "response": null, "error": {"message": "late"}}/; s/bf-./bf-x/' \
    run/own/requests-0001.jsonl >run/own/output.jsonl
ask; said 2 "blindfold: 'run/own/output.jsonl': batch output of another run: none of its 12 lines answers a request of this one"
check "outputs of another batch"

# Recorded answers.
recorded() {
    printf '%s\n' "$@" >recorded.jsonl
    with "kind: answers, path: recorded.jsonl"
}
of="\"condition\": \"blind\", \"answer\": \"B\"}"
recorded "{\"id\": \"s1\", $of" "{\"id\": \"q7\", $of" "{\"id\": \"q8\", $of"
[ $? = 0 ] && right 1 &&
    grep -q "^probe 'own': 2 recorded answers for samples that the pool does not have, 'q7' first$" "$tmp/log"
check "some recorded answers are for unknown samples"
recorded "{\"id\": \"q7\", $of" "{\"id\": \"q8\", $of"
said 2 "blindfold: probe 'own': 2 recorded answers, none for a sample of the pool, 'q7' first"
check "all recorded answers are for unknown samples"
recorded "{\"id\": \"s1\", \"condition\": \"blnd\", \"answer\": \"B\"}"
grep -q "^probe 'own': 1 recorded answer under conditions that the run does not have, 'blnd' first$" "$tmp/log"
check "recorded answers under an unknown condition"
recorded "{\"id\": \"s1\", $of" "{\"id\": \"s2\", $of" "{\"id\": \"s1\", $of"
said 2 "spec.yaml:6:5: recorded.jsonl:3: another answer for sample 's1', condition 'blind', trial 0; the first is on line 1"
check "recorded twice"
with "kind: answers, path: nowhere.jsonl"
said 2 "spec.yaml:6:5: recorded answers: cannot open '$tmp/nowhere.jsonl': No such file or directory"
check "no recorded answers"

# Keys and models, with a server.
unset BF_TEST_KEY
chat "key_env: BF_TEST_KEY, $local"
said 2 "blindfold: the environment variable 'BF_TEST_KEY' named by 'key_env' is not set"; check "no key"
mock_or_skip "a wrong key" "an unknown model" "a wrong path"
mock_start --model good --fault 401=1
local="url: \"http://127.0.0.1:$port/v1\""
BF_TEST_KEY=sk-very-secret; export BF_TEST_KEY
chat "key_env: BF_TEST_KEY, $local"
said 2 "blindfold: server 'http://127.0.0.1:$port/v1' refuses the key in 'BF_TEST_KEY' (401: injected)"; check "a wrong key"
nothing_kept very-secret; check "it is written nowhere"
"$BF" answers stats run >"$tmp/log" && grep -q 'lost to hard kills: 0' "$tmp/log"; check "nothing counts as lost"
chat "$local"
said 2 "blindfold: server 'http://127.0.0.1:$port/v1' wants a key: name its environment variable with 'key_env' (401: injected)"
check "no key where one is wanted"
mock_stop; mock_start --model good
with "kind: chat, model: god, $local"
said 2 "blindfold: server 'http://127.0.0.1:$port/v1' does not have model 'god'; it has: good"; check "an unknown model"
[ "$(n_requests)" = 0 ]; check "nothing is asked of it"
chat "url: \"http://127.0.0.1:$port/v2\""
said 2 "blindfold: server 'http://127.0.0.1:$port/v2' does not have model 'good' or this path (404: no such path)"
check "a wrong path"
finish
