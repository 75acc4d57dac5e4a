#!/bin/sh
# aflite.sh ROOT BUILD: one round of AFLite with 64 linear models on 50,000 questions, beside the
# same in scikit-learn (peers/aflite_sk.py), on the same features in the same run. Prints TAP. Python
# comes from BF_PYTHON, else from an environment of its own in the build folder.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"
. "$root/tests/asking/venv.sh"
peers=${BF_SHARED:-$root/../shared}/peers
[ -e "$peers/aflite_sk.py" ] || { skip "AFLite beside scikit-learn" "the peers are not here"; finish; }
python=${BF_PYTHON:-}
if [ -z "$python" ]; then
    venv "$build/venv_sklearn" numpy scipy scikit-learn joblib ||
        { skip "AFLite beside scikit-learn" "$why"; finish; }
    python=$build/venv_sklearn/bin/python
fi

"$python" "$peers/gen_mcq.py" "$tmp/mcq.jsonl" >/dev/null || exit 99
"$python" "$root/tests/bench/aflite_peer.py" features "$peers/aflite_sk.py" "$tmp/mcq.jsonl" \
    "$tmp/x" || exit 99
"$build/tests/bench/bench_aflite" "$tmp/x" 64 1 "$tmp/one" >"$tmp/ours"; check "64 models on 50,000"
"$python" "$root/tests/bench/aflite_peer.py" loop "$peers/aflite_sk.py" "$tmp/mcq.jsonl" 64 \
    >"$tmp/theirs"; check "the same in scikit-learn"
"$build/tests/bench/bench_aflite" "$tmp/x" 64 2 "$tmp/two" >>"$tmp/ours"
cmp "$tmp/one" "$tmp/two" >"$tmp/log"; check "the same counts on two threads"

sed 's/^/# ours: /' "$tmp/ours"
sed 's/^/# scikit-learn: /' "$tmp/theirs"
cat "$tmp/ours" "$tmp/theirs" >"$tmp/log"
# value FILE NAME: the number of that name in the first line.
value() { sed -n "1s/.*\"$2\": \([0-9.]*\).*/\1/p" "$1"; }
awk "BEGIN { exit !($(value "$tmp/ours" cpu_s) * 20 <= $(value "$tmp/theirs" cpu_s)) }"
check "in a twentieth of the CPU time"
awk "BEGIN { exit !($(value "$tmp/ours" accuracy) >= $(value "$tmp/theirs" accuracy)) }"
check "right at least as often on what a model has not seen"
finish
