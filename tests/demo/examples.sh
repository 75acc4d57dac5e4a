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

# The same specs on recorded media, where the shared data is there: recorded ID NAME WHAT N: what is
# read of it, and how many conditions show it.
data=$(shared "$root")
recorded() {
    if [ -z "$data" ]; then
        skip "$1 of the recorded media, by $2.yaml" "there is no shared data"
        return
    fi
    # The motion sensor of that set runs at 10 Hz.
    sed "s|path: .*pool.jsonl|path: one.jsonl|; s|rate: 50 Hz|rate: 10 Hz|" \
        "$root/specs/examples/$2.yaml" >"$tmp/one.yaml"
    grep "\"id\": \"$1\"" "$data/data/pool/pool.jsonl" >"$tmp/one.jsonl"
    file=$(sed 's/.*"path": "\([^"]*\)".*/\1/' "$tmp/one.jsonl")
    mkdir -p "$tmp/$(dirname "$file")"
    cp "$data/data/pool/$file" "$tmp/$file"
    rm -rf "$tmp/shown"
    "$build/blindfold" show "$tmp/one.yaml" "$1" --out "$tmp/shown" >"$tmp/log" 2>&1 &&
        cat "$tmp/shown/parts.txt" >>"$tmp/log" &&
        grep -q "$3" "$tmp/shown/parts.txt" && [ -s "$tmp/shown/sheet.png" ] &&
        [ "$(find "$tmp/shown" -name "$2.1.*" | wc -l)" -ge "$4" ]
    check "$1 of the recorded media, by $2.yaml"
}
recorded p-ther-001 thermal '	jpeg	[46][48]0 x [46][48]0 px	' 4
recorded p-pano-001 panorama '	jpeg	4096 x 2048 px	' 2
recorded p-imu-001 imu '	csv	6 channels	10 Hz	10 s' 3
finish
