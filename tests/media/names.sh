#!/bin/sh
# names.sh ROOT BUILD: a file may be called anything. What is read, computed, sent and emitted is the
# same as for plain names, and no name of a file leaves the pool but in words for people. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"
. "$root/tests/media/lib.sh"
LC_ALL=C; export LC_ALL
cd "$tmp" && mkdir media || exit 99

# A mark in every name, so that it can be looked for.
mark=Zq7Namemark
# picture N: a flat one of its own; sound N: half a second of a level of its own.
picture() { printf 'P6 4 4 255\n'; head -c 48 /dev/zero | tr '\0' "\\$((100 + $1))"; }
sound() {
    printf 'RIFF\144\037\000\000WAVEfmt \020\000\000\000\001\000\001\000\100\037\000\000\200\076\000\000'
    printf '\002\000\020\000data\100\037\000\000'
    head -c 8000 /dev/zero | tr '\0' "\\$((100 + $1))"
}
trace() { i=0; echo time_ms,a; while [ $i -lt 30 ]; do echo "$((i * 10)),$((i % ($1 + 2)))"; i=$((i + 1)); done; }

n=0
# file MODALITY NAME [JSON]: one sample whose file is called so; JSON: as the pool writes the name.
file() {
    n=$((n + 1))
    case $1 in image) picture $n ;; audio) sound $n ;; tactile) trace $n ;; esac >"media/$2" || return 1
    sample "s$n" "$1" "media/${3:-$2}" >>pool.jsonl
    case $1 in image) picture $n ;; audio) sound $n ;; tactile) trace $n ;; esac >"plain/$n.bin"
    sample "s$n" "$1" "plain/$n.bin" >>plain.jsonl
}
long=$(head -c 240 /dev/zero | tr '\0' l)
all_files() {
    file image "$mark with spaces .ppm" &&
    file image " $mark" &&
    file image "$mark\"double\" 'single' \`back\`.ppm" "$mark\\\"double\\\" 'single' \`back\`.ppm" &&
    file image "$mark\\back.ppm" "$mark\\\\back.ppm" &&
    file image "$mark	tab.ppm" "$mark\\ttab.ppm" &&
    file image "$mark
newline
.ppm" "$mark\\nnewline\\n.ppm" &&
    file image "$(printf '%s\033[31m\001\177.ppm' $mark)" "$mark\\u001b[31m\\u0001\\u007f.ppm" &&
    file image "$(printf '%s\303\251.ppm' $mark)" && # e with an acute accent, NFC
    file image "$(printf '%se\314\201.ppm' $mark)" && # the same to the eye, NFD
    file image "$(printf '%s\320\276\347\212\254\360\237\220\225.ppm' $mark)" "$mark\\u043e\\u72ac\\ud83d\\udc15.ppm" &&
    file image "-rf $mark.ppm" &&
    file image "--out=$mark" &&
    file image "%s%n%d$mark%.ppm" &&
    file image "$mark;a,comma&amp|<b>*?[x]{y}~\$HOME.ppm" &&
    file image "=cmd|$mark.ppm" &&
    file image ".$mark" &&
    file image "...$mark" &&
    file image "$mark$long.ppm" &&
    file image "$mark.jpg" && # a PPM
    file image "$mark.mp4" &&
    file audio "$mark.wav.mp4" &&
    file audio "$mark.csv" &&
    file tactile "$mark.png" &&
    file tactile "$mark" &&
    mkdir "media/$mark folder" "media/$mark folder/-- x" &&
    file image "$mark folder/-- x/a$mark.ppm"
}
mkdir plain && : >pool.jsonl && : >plain.jsonl && all_files || exit 99
[ "$(find media -type f -print0 | tr -cd '\0' | wc -c)" = $n ] || exit 99

# spec NAME: over NAME.jsonl.
spec() {
    cat <<Y
blindfold: 1
name: names
pool: {path: $1.jsonl}
probes: [{name: stat, kind: builtin}]
emit: {formats: [jsonl]}
Y
}
spec pool >odd.yaml && spec plain >plain.yaml
for k in odd plain; do
    "$build/blindfold" run $k.yaml --out run-$k >log 2>&1; check "run: $k names"
done
[ ! -s run-odd/set_aside.jsonl ] && [ "$(wc -l <run-odd/verdicts.jsonl)" = $n ]
check "all $n files come in"
rm -f run-*/spec.yaml
digest run-plain >a; digest run-odd | diff a - >log; check "the same bytes as with plain names"
! grep -raF $mark run-odd >log; check "no name in the run folder"

# A file renamed while the ledger is kept is the same file.
rm -rf run-plain/benchmark
"$build/blindfold" run odd.yaml --out run-plain --json >log 2>&1
grep -q '"readings": {"new": 0' log && grep -q '"answers": {"new": 0' log
check "renamed files are not read again"

sed 's/^probes.*/probes: [{name: m, kind: chat, url: "http:\/\/127.0.0.1:9\/v1", model: m}]/' odd.yaml >ask.yaml
"$build/blindfold" check ask.yaml >log 2>&1; check "check"
"$build/blindfold" check ask.yaml --requests 1000 >requests 2>log; check "check --requests"
[ "$(grep -c '^# m: sample' requests)" -ge $((2 * n)) ] && ! grep -q 'cannot be sent' requests
check "a request for every sample"
! grep -aF $mark requests >log; check "no name in a request"
"$build/blindfold" check odd.yaml --json | grep -q '"set_aside": \[\]'; check "check --json"

i=0
while [ $i -lt $n ]; do
    i=$((i + 1))
    "$build/blindfold" show odd.yaml s$i --out shown >log 2>&1 &&
        [ "$(wc -l <shown/parts.txt)" = 1 ] && grep -aqF $mark shown/parts.txt &&
        ! grep -aq "$(printf '[\001-\010\013-\037\177]')" shown/parts.txt &&
        [ -z "$(find shown -name "*$mark*")" ] || { cat shown/parts.txt >>log; false; }
    check "show s$i: $(cut -f 2 shown/parts.txt | cut -c 1-60 | tr '#\\' '_/')"
done

# What is wrong with a file is said on one line, whatever it is called.
: >bad.jsonl
i=0
bad() { # NAME JSON
    i=$((i + 1))
    printf 'no picture at all' >"media/$1" && sample "bad$i" image "media/$2" >>bad.jsonl
}
bad "bad$mark
x	y.ppm" "bad$mark\\nx\\ty.ppm" && bad "%n%s\"$mark.ppm" "%n%s\\\"$mark.ppm" &&
    bad "$(printf '\033[2J%s' $mark)" "\\u001b[2J$mark" || exit 99
cat plain.jsonl >>bad.jsonl
spec bad >bad.yaml
"$build/blindfold" run bad.yaml --out run-bad >out 2>log; check "run: bad files with odd names"
[ "$(wc -l <run-bad/set_aside.jsonl)" = 3 ] && [ "$(grep -c $mark log)" = 1 ] &&
    [ "$(grep -c $mark run-bad/set_aside.jsonl)" = 3 ] &&
    ! grep -q '\\[ntu]' run-bad/set_aside.jsonl && ! grep -q "$(printf '\033')" log run-bad/set_aside.jsonl
check "each is named on one line"
while read -r row; do
    bad_reason "$(printf '%s' "$row" | field reason)" "$mark"
done <run-bad/set_aside.jsonl >log
[ ! -s log ]; check "the reasons are for people"

# Content decides, not the ending: recorded files under wrong ones.
data=$(odd "$root")
if [ -z "$data" ]; then
    skip "recorded files under wrong endings" "the shared data is not here"
    finish
fi
: >wrong.jsonl
while IFS=: read -r modality from to; do
    cp "$data/$from" "media/$to" && sample "${to%%.*}" "$modality" "media/$to" >>wrong.jsonl || exit 99
done <<'T'
image:exif/Landscape_1.jpg:a.png
image:png/basn2c16.png:b.jpg
image:tiff/grey16.tif:c.wav
audio:wav/pcm24.wav:d.mp4
audio:flac/60 - mono audio.flac:e.mp3
video:video/mpeg4.avi:f.webm
video:anim/people-detection.gif:g.jpg
tactile:tactile/bom.csv:h.npy
tactile:tactile/f8.npy:i.csv
T
spec wrong >wrong.yaml
"$build/blindfold" run wrong.yaml --out run-wrong >log 2>&1
[ ! -s run-wrong/set_aside.jsonl ] || { cat run-wrong/set_aside.jsonl >log; false; }
check "wrong endings: all are read"
find run-wrong/benchmark/media -type f | sed 's/.*\.//' | sort | tr '\n' ' ' >log
[ "$(cat log)" = "avi csv flac gif jpg npy png tif wav " ] ||
    [ "$(cat log)" = "avi csv flac gif jpg npy png tiff wav " ]
check "wrong endings: emitted with the right ones"
finish
