#!/bin/sh
# examples.sh ROOT BUILD: every spec of specs/examples runs on the pool made for it; all of it is
# read, what needs the declared modality is found with it and not without. Prints TAP.
. "$1/tests/run/tap.sh"
root=$1 build=$2

"$build/demo/make_examples" "$tmp/examples" >"$tmp/log" 2>&1
check "the pools are made"
"$build/demo/make_examples" "$tmp/again" >"$tmp/log" 2>&1 && diff -r "$tmp/examples" "$tmp/again" \
    >"$tmp/log"
check "a second time with the same bytes"

# accuracy RUN CONDITION
accuracy() {
    awk -F, -v c="$2" '$1 == "accuracy" && $3 == c && $5 == "all" { print $6 }' "$1/stats.csv"
}

for spec in "$root"/specs/examples/*.yaml; do
    name=$(basename "$spec" .yaml)
    sed "s|\.\./\.\./build/examples|$tmp/examples|" "$spec" >"$tmp/$name.yaml"
    "$build/blindfold" run "$tmp/$name.yaml" --out "$tmp/run" >"$tmp/log" 2>&1 &&
        grep -q '72 samples over 72 files, 0 set aside' "$tmp/log"
    check "$name: it runs, and all is read"
    awk -v f="$(accuracy "$tmp/run" full)" -v b="$(accuracy "$tmp/run" blind)" \
        'BEGIN { print f, b; exit !(f > 0.9 && b < 0.5) }' >"$tmp/log"
    check "$name: its questions need it"
    [ "$(find "$tmp/run/benchmark/media" -type f | wc -l)" -gt 40 ]
    check "$name: its media are in the benchmark"
    rm -rf "$tmp/run"
done
finish
