#!/bin/sh
# easy_vqa.sh ROOT BUILD: specs/easy_vqa.yaml on easy-VQA, fetched from PyPI: what the built-in probe
# makes of pictures with general features, and how far their questions go without. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"
. "$root/tests/asking/venv.sh"
what="easy-VQA is answered with its pictures, and not without"
place=$build/tests/builtin
export PYTHONDONTWRITEBYTECODE=1

if ! venv "$place/venv_easy_vqa" --no-deps easy_vqa==1.0; then
    skip "$what" "$why"
    finish
fi
python=$place/venv_easy_vqa/bin/python
if [ ! -e "$place/easy_vqa/ready" ]; then
    "$python" "$root/tests/builtin/vqa_pool.py" pool "$place/easy_vqa" >"$tmp/log" 2>&1 &&
        : >"$place/easy_vqa/ready"
    check "the pool is written"
fi
"$python" "$root/tests/builtin/vqa_pool.py" ceiling "$place/easy_vqa/pool.jsonl" >"$tmp/ceiling" 2>"$tmp/log"
check "its ceiling by question string: $(cat "$tmp/ceiling") (share, questions, pictures)"
grep -q ' 48248 5000$' "$tmp/ceiling"; check "48,248 questions of 5,000 pictures"

# run POOL NAME: the spec with that pool.
run() {
    sed "s|\.\./build/tests/builtin/easy_vqa/pool.jsonl|$place/easy_vqa/$1|" "$root/specs/easy_vqa.yaml" |
        if [ "$1" = open.jsonl ]; then sed '/- full$/d; /- blind$/d; /- swapped:/d; /name: trusting/d'
        else cat; fi >"$tmp/$2.yaml"
    "$build/tests/rusage" "$build/blindfold" run "$tmp/$2.yaml" --out "$tmp/$2" >"$tmp/log" 2>&1
    grep -q 'status 0$' "$tmp/log"
    check "a run over $1: $(grep '^wall ' "$tmp/log")"
}
run pool.jsonl closed
run open.jsonl open

# accuracy RUN PROBE CONDITION
accuracy() { awk -F, -v p="$2" -v c="$3" '$1 == "accuracy" && $2 == p && $3 == c && $5 == "all" { print $6 }' "$tmp/$1/stats.csv"; }

# within NAME VALUE LO HI
within() {
    echo "$2 is not in $3 .. $4" >"$tmp/log"
    awk -v x="$2" -v lo="$3" -v hi="$4" 'BEGIN { exit !(x != "" && x >= lo && x <= hi) }'
    check "$(printf '%s: %.4f, %s to %s asked for' "$1" "$2" "$3" "$4")"
}
ceiling=$(cut -d ' ' -f 1 "$tmp/ceiling")
blind=$(accuracy closed stat blind)
within "question only" "$blind" 0.659 0.669
within "question only, beside its ceiling" "$blind" "$(awk -v c="$ceiling" 'BEGIN { print c - 0.005 }')" \
    "$(awk -v c="$ceiling" 'BEGIN { print c + 0.005 }')"
within "picture and question" "$(accuracy closed stat full)" 0.94 1
within "picture only, all answers as choices" "$(accuracy open stat picture_only)" 0.33 0.38
within "other pictures, to a model that trusts them" "$(accuracy closed trusting swapped)" 0.43 0.64
within "other pictures, to a model that knows" "$(accuracy closed stat swapped)" 0.64 0.669
finish
