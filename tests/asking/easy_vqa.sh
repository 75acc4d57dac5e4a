#!/bin/sh
# easy_vqa.sh ROOT BUILD: what we send is what we say. A small vision model, trained here, is asked
# about easy-VQA's test questions over HTTP, under conditions that change the pictures; it must be
# right as often as when it is handed pictures that Pillow changed. Prints TAP.
#
# BF_SLOW=1 asks all 9,673 questions, and holds the figures to those of serve_vqa.py's own evaluation;
# else a seeded tenth is asked, and held to what the model says directly of the same questions.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"
. "$root/tests/asking/venv.sh"
what="a vision model sees over HTTP what it is said to see"
place=$build/tests/asking
export PYTHONDONTWRITEBYTECODE=1

data=$(shared "$root")
if [ -z "$data" ] || [ ! -r "$data/peers/servers/serve_vqa.py" ]; then
    skip "$what" "no shared folder with a model beside the project"
    finish
fi
if ! venv "$place/venv_vqa" easy_vqa scikit-learn Pillow numpy; then
    skip "$what" "$why"
    finish
fi
python=$place/venv_vqa/bin/python
servers=$data/peers/servers
peer=$root/tests/asking/vqa_peer.py
model=$place/vqa.pkl
if [ ! -e "$model" ]; then
    "$python" "$servers/serve_vqa.py" fit "$model.part" >"$tmp/log" 2>&1 && mv "$model.part" "$model"
    check "the model is trained"
fi

share=10
[ "${BF_SLOW:-0}" = 0 ] || share=1
{ "$python" "$peer" pool "$servers" "$tmp" $share &&
    "$python" "$peer" direct "$servers" "$tmp" "$model" >"$tmp/direct"; } >"$tmp/log" 2>&1
check "pictures changed by Pillow are judged"

port=$("$python" "$peer" port)
"$python" "$servers/serve_vqa.py" serve "$model" "$port" >"$tmp/server" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
i=0
while ! grep -q LISTENING "$tmp/server" && [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done

# Noise is of the picture's size, as the model's own evaluation has it: of the fixed 512 x 512 it would
# see, after it made it small, an even gray.
cat >"$tmp/spec.yaml" <<Y
blindfold: 1
name: easy_vqa
pool: {path: pool.jsonl}
conditions:
  - full
  - drop: {replace: {image: drop}}
  - white: {replace: {image: white}}
  - black: {replace: {image: black}}
  - noise: {replace: {image: {noise: {size: original}}}}
  - blur_2: {replace: {image: {blur: {radius: 2}}}}
  - blur_8: {replace: {image: {blur: {radius: 8}}}}
  - grayscale: {replace: {image: grayscale}}
  - swap: {replace: {image: swap}}
  - jpeg_50: {replace: {image: {jpeg: {quality: 50}}}}
probes:
  - {name: vqa, kind: chat, url: "http://127.0.0.1:$port/v1", model: easyvqa-rf, orders: fixed, logprobs: true}
scores: [accuracy]
Y
"$build/blindfold" run "$tmp/spec.yaml" --out "$tmp/run" >"$tmp/log" 2>&1
check "every question is asked"
n=$(wc -l <"$tmp/pool.jsonl")

# ours SCORE CONDITION: value and number of answers
ours() { awk -F, -v s="$1" -v c="$2" '$1 == s && $3 == c && $5 == "all" { print $6, $9 }' "$tmp/run/stats.csv"; }

# What is drawn (noise, whose picture is lent) differs from draw to draw: for a tenth of the questions
# by one standard deviation of 0.1 and 0.9 points, of which three are allowed on top.
while read -r name accuracy p accuracy_sd p_sd; do
    printf '%s %s %s\n%s %s %s\n' "$(ours accuracy "$name")" "$accuracy" "$accuracy_sd" \
        "$(ours p_gold "$name")" "$p" "$p_sd" >"$tmp/log"
    awk -v n="$n" -v whole=$((share == 1)) '{ d = $1 - $3; if (d < 0) d = -d
        if ($2 != n || d > 0.015 + (whole ? 0 : 3 * $4)) bad = 1 } END { exit bad || NR != 2 }' "$tmp/log"
    check "$name: $(awk 'NR == 1 { printf "accuracy %.4f, directly %.4f; ", $1, $3 }
        NR == 2 { printf "p(gold) %.4f, directly %.4f", $1, $3 }' "$tmp/log")"
done <"$tmp/direct"
awk '$1 == "full" { full = $2 } $1 == "jpeg_50" { exit full - $2 < 0.1 }' "$tmp/direct"
check "one recompression would show"

if [ $share = 1 ]; then
    # serve_vqa.py eval
    printf '%s\n' full=0.951 drop=0.667 white=0.667 black=0.667 noise=0.648 blur_2=0.858 blur_8=0.679 \
        grayscale=0.872 swap=0.644 jpeg_50=0.770 >"$tmp/figures"
    while IFS='=' read -r name figure; do
        echo "$(ours accuracy "$name") $figure" >"$tmp/log"
        awk '{ d = $1 - $3; exit d > 0.015 || d < -0.015 }' "$tmp/log"; check "$name: as in its own evaluation, $figure"
    done <"$tmp/figures"
fi
"$build/blindfold" run "$tmp/spec.yaml" --out "$tmp/run" >"$tmp/log" 2>&1 && grep -q 'answers: 0 new' "$tmp/log"
check "a second run asks nothing"
finish
