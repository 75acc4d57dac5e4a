#!/bin/sh
# same_bytes.sh ROOT BUILD: the same spec and pool give the same bytes, on one thread and on two,
# at the first run and at the second, whatever the media files are called. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"

run() { "$build/blindfold" run "$@" >"$tmp/log" 2>&1; }

# same_for NAME SPEC
same_for() {
    run "$2" --out "$tmp/$1-1" --threads 1; check "$1: runs on one thread"
    digest "$tmp/$1-1" >"$tmp/a"
    run "$2" --out "$tmp/$1-2" --threads 2; check "$1: runs on two threads"
    digest "$tmp/$1-2" | diff "$tmp/a" - >"$tmp/log"; check "$1: the same bytes on two threads"
    run "$2" --out "$tmp/$1-1"; check "$1: runs again"
    digest "$tmp/$1-1" | diff "$tmp/a" - >"$tmp/log"; check "$1: the same bytes at a second run"
    grep -q '"answers": {"new": 0,' "$tmp/$1-1/run.json" &&
        grep -q '"readings": {"new": 0,' "$tmp/$1-1/run.json" &&
        grep -q '"stored_twice": 0' "$tmp/$1-1/run.json"
    check "$1: the second run computes nothing"
}

mkdir "$tmp/specs" && cp "$root/specs/four_senses.yaml" "$tmp/specs/" || exit 99
"$build/demo/make_pool" "$tmp/build/demo/pool" >/dev/null 2>&1 || exit 99
same_for made "$tmp/specs/four_senses.yaml"

word_pool "$tmp/words"
word_spec "$tmp/words" >"$tmp/words.yaml"
same_for words "$tmp/words.yaml"

data=$(shared "$root")
if [ -z "$data" ]; then
    skip "the real pool" "the shared data is not here"
    finish
fi
real_spec "$root" "$data" >"$tmp/real.yaml"
same_for real "$tmp/real.yaml"
[ "$(wc -l <"$tmp/real-1/verdicts.jsonl")" = 254 ] && [ ! -s "$tmp/real-1/set_aside.jsonl" ]
check "real: all 254 samples come in, none is set aside"

# Names leak labels (digit, fabric, animal): with every file renamed to a number, and the folders
# gone, nothing that is computed or emitted may change but the names in the spec.
mkdir "$tmp/renamed"
n=0
cp "$data/data/pool/pool.jsonl" "$tmp/renamed/pool.jsonl"
chmod u+w "$tmp/renamed/pool.jsonl"
grep -o '"path": "[^"]*"' "$data/data/pool/pool.jsonl" | cut -d'"' -f4 | LC_ALL=C sort -u |
    while read -r path; do
        n=$((n + 1))
        ln -s "$data/data/pool/$path" "$tmp/renamed/$n"
        echo "s|\"path\": \"$path\"|\"path\": \"$n\"|g"
    done >"$tmp/rename.sed"
sed -i -f "$tmp/rename.sed" "$tmp/renamed/pool.jsonl"
sed "s|$data/data/pool/pool.jsonl|$tmp/renamed/pool.jsonl|" "$tmp/real.yaml" >"$tmp/renamed.yaml"
run "$tmp/renamed.yaml" --out "$tmp/real-3"; check "real: runs with all files renamed"
digest "$tmp/real-3" | grep -v ' ./spec.yaml$' >"$tmp/b"
grep -v ' ./spec.yaml$' "$tmp/a" | diff - "$tmp/b" >"$tmp/log"
check "real: no path reaches features, answers, scores or the benchmark"

# And no source's name stands in any emitted name; one that no question could hold by chance (a
# label with its numbers) stands in no emitted text either.
grep -o '"path": "[^"]*"' "$data/data/pool/pool.jsonl" | cut -d'"' -f4 | sed 's|.*/||; s|\..*||' |
    LC_ALL=C sort -u | grep '[g-zG-Z_-]' | grep '....' >"$tmp/stems" # hex could stand by chance
(cd "$tmp/real-1/benchmark" && find . && grep -ho '"path": "[^"]*"' ./*.jsonl ./*.json) |
    grep -F -f "$tmp/stems" >"$tmp/log"
[ $? = 1 ]; check "real: no source name stands in an emitted name"
grep '[_-]' "$tmp/stems" >"$tmp/labels"
(cd "$tmp/real-1/benchmark" && cat ./*.jsonl ./*.json ./*.md) | grep -F -f "$tmp/labels" >"$tmp/log"
[ $? = 1 ]; check "real: no source name stands in the benchmark's text"
finish
