#!/bin/sh
# serve.sh ROOT BUILD: servers that the probe `serve` starts: one that answers, and those that are
# never ready, die, and will not end. The server is the mock of the shared data. Prints TAP.
set -u
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
cd "$tmp" || exit 99
pool 40

# serve COMMAND [OPTIONS]: an order that starts a server. begin: a run of it from nothing.
serve() {
    spec "kind: serve, model: small, command: \"$(printf '%s' "$1" | sed 's/[\"]/\\&/g')\"${2:+, $2}"
}
begin() {
    rm -rf run requests pid
    serve "$@"
    ask
}
answered() { grep -q "^accuracy,own,[a-z]*,,all,[^,]*,[^,]*,[^,]*,$1," run/stats.csv; }

begin "sleep 600 # {port}" "ready: 1 s"
said 1 "blindfold: probe 'own': its server was not ready after 1 s, signal 15"; check "never ready"
begin "echo no such model >&2; exit 3 # {port}"
said 1 "blindfold: probe 'own': its server ended before it was ready, status 3: 'no such model'"
check "a server that ends at once"
begin "no_such_server --port {port}"
grep -q "probe 'own': its server ended before it was ready, status 127: '.*no_such_server.*'" "$tmp/log"
check "a server that is not there"
begin "sleep 600"
said 2 "spec.yaml:6:5: 'command' has no place {port}; allowed: a line such as 'llama-server -m {model} --port {port}'"
check "no place for the port"
begin "sleep {port}" "model_path: m.gguf"
said 2 "spec.yaml:6:5: 'command' has no place {model} for 'model_path'"; check "no place for the model"
begin "sleep {port}" "health: up"
said 2 "spec.yaml:6:5: 'health' is 'up'; allowed: a path that begins with /"; check "no page"

mock=${BF_SHARED:-$1/../shared}/peers/mock/mockoai.c
if [ ! -e "$mock" ] || ! cc -std=c11 -O2 -pthread -o mock "$mock" -lm 2>/dev/null; then
    for t in "a server that answers" "a server that dies" "a server that will not end"; do
        skip "$t" "no mock server"
    done
    finish
fi

begin "echo \$\$ >pid; exec ./mock --port {port} --model {model} --log requests" && answered 40
check "a server is started and asked"
gone pid; check "and stopped"
[ "$(wc -l <requests)" = 40 ]; check "each question is sent once"
ask && grep -q '0 new, 40 from the ledger' "$tmp/log" && [ "$(wc -l <requests)" = 40 ]
check "a second run starts nothing"
sed -i.bak 's/port {port}/port  {port}/' spec.yaml; ask && grep -q '40 new' "$tmp/log"
check "another command is another probe"
begin "echo \$\$ >pid; ./mock --port {port} --model {model} & wait" && answered 40 && gone pid
check "what the shell started is stopped with it"
: >'a b'; begin "ls {model} >seen && exec ./mock --port {port} --model small" "model_path: a b"
[ "$(cat seen)" = "$tmp/a b" ]; check "a path with a blank is one word"
begin "exec ./mock --port {port} --model small" "health: /stats" && answered 40; check "another page"
begin "exec ./mock --port {port} --model other"
[ $? = 2 ] && grep -q "does not have model 'small'; it has: other" "$tmp/log"; check "a server of another model"
http_proxy=http://127.0.0.1:9 && export http_proxy
begin "exec ./mock --port {port} --model {model}" "ready: 5 s" && answered 40
check "no proxy stands between"
unset http_proxy

begin "exec ./mock --port {port} --model {model} --log requests --exit-after 30" "concurrency: 4" && answered 40
check "a server that dies is started again"
grep -q "probe 'own': its server ended, status 3.*: it is started again" "$tmp/log"; check "which is told"
begin "exec ./mock --port {port} --model {model} --exit-after 4" "concurrency: 1, attempts: 20"
grep -q "probe 'own': its server ended again after 3 restarts, status 3" "$tmp/log"
check "but not for ever"
begin "trap '' TERM; echo \$\$ >pid; exec ./mock --port {port} --model {model}" && answered 40 && gone pid
check "a server that will not end is killed"

for signal in INT KILL; do
    rm -rf run requests before pid
    serve "cat requests >>before; echo \$\$ >pid; ./mock --port {port} --model {model} --latency-ms 100 --log requests & wait" \
        "concurrency: 4"
    "$BF" run spec.yaml --out run >"$tmp/log" 2>&1 &
    until_lines requests 9; kill -$signal $!; wait $! 2>/dev/null
    gone pid; check "SIG$signal ends the server"
    ask && answered 40; check "and a later run goes on"
    n=$(cat before requests | wc -l)
    [ "$n" -le 44 ] && { [ $signal = KILL ] || [ "$n" = 40 ]; }
    check "what was asked is not asked again"
done
finish
