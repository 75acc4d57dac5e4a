#!/bin/sh
# ingest.sh ROOT BUILD: hashing, decoding, fingerprints and features of the media that
# $BF_SHARED/peers/gen_media.py makes, beside what people use instead, by turns in one run; of each
# the least CPU seconds count. Then memory from 1,000 to 100,000 samples. TAP.
#
# $BF_PYTHON (default python3) is a Python with what those scripts import. $BF_MEDIA is a folder
# that gen_media.py made, else one is made, at $BF_SCALE (default 0.25). $BF_TURNS: 3. $BF_SAMPLES:
# the sizes at which memory is measured.
. "$1/tests/run/tap.sh"
rusage=$2/tests/rusage ingest=$2/tests/bench/bench_ingest many=$2/tests/bench/bench_many
python=${BF_PYTHON:-python3}
peers=$(shared "$1")/peers
turns=${BF_TURNS:-3}

# pool NAME ENDING KIND...: a spec that shows every file of these kinds, of one ending unless ''.
pool() {
    name=$1 ending=$2
    shift 2
    for kind in "$@"; do
        for f in "$media/$kind"/*"$ending"; do echo "$kind ${f##*/}"; done
    done | awk '{
        modality = $1 == "images" ? "image" : $1
        printf "{\"id\": \"%d\", \"question\": \"What is it?\", ", NR
        printf "\"choices\": [\"this\", \"that\"], \"answer\": \"A\", "
        printf "\"media\": {\"modality\": \"%s\", \"path\": \"%s/%s\"}}\n", modality, $1, $2
    }' >"$media/$name.jsonl"
    cat >"$media/$name.yaml" <<END
blindfold: 1
name: $name
target: [image, video, audio, tactile]
pool:
  - {format: jsonl, path: $name.jsonl}
probes:
  - {name: stat, kind: builtin}
END
}

# CPU and wall seconds of a command and all its children, added to the file $tmp/NAME.
time_of() {
    name=$1
    shift
    "$rusage" "$@" >"$tmp/time" 2>"$tmp/log"
    awk '/status 0$/ { print $4, $2 }' "$tmp/time" >>"$tmp/$name"
}
best() { sort -n -k "$2" "$tmp/$1" | awk -v k="$2" 'NR == 1 { print $k }'; }
# least NAME PEER COLUMN TIMES: ours is that many times as fast.
least() {
    a=$(best "$1" "$3") b=$(best "$2" "$3")
    awk -v a="$a" -v b="$b" -v t="$4" 'BEGIN { exit !(a * t <= b) }'
    check "$1: $a s, $2: $b s, at least $4 times"
}

if ! "$python" -c 'import PIL, imagehash, soundfile, av, turbojpeg, xxhash' 2>"$tmp/log" ||
    [ ! -f "$peers/gen_media.py" ]; then
    skip "ingest beside others" "no shared peers, or \$BF_PYTHON lacks what they import"
else
    media=${BF_MEDIA:-}
    [ -n "$media" ] || {
        media=$tmp/media
        "$python" "$peers/gen_media.py" "$media" --scale "${BF_SCALE:-0.25}" || exit 99
    }
    pool jpeg .jpg images
    pool pictures '' images
    pool sounds '' audio
    pool traces '' tactile
    pool clips '' video
    pool all '' video images audio tactile
    cat >"$tmp/ours" <<END
#!/bin/sh
rm -f "$tmp"/ledger*
exec "$ingest" "$media/\$1.yaml" "$tmp/ledger" 2
END
    cat >"$tmp/plain" <<END
#!/bin/sh
exec "$python" "$peers/ingest_plain.py" "$media" "\$@"
END
    chmod +x "$tmp/ours" "$tmp/plain"
    for _ in $(seq "$turns"); do
        time_of ours-jpeg "$tmp/ours" jpeg
        time_of turbojpeg "$python" "$peers/tj.py" "$media" eighth
        time_of ours-pictures "$tmp/ours" pictures
        time_of pillow-draft "$tmp/plain" --kind images --phash draft
        for kind in sounds:audio traces:tactile clips:video; do
            time_of "ours-${kind%:*}" "$tmp/ours" "${kind%:*}"
            time_of "plain-${kind%:*}" "$tmp/plain" --kind "${kind#*:}"
        done
        time_of ours-all "$tmp/ours" all
        time_of plain-all "$tmp/plain"
    done
    least ours-jpeg turbojpeg 1 0.85
    least ours-pictures pillow-draft 1 2
    least ours-sounds plain-sounds 1 4
    least ours-traces plain-traces 1 4
    least ours-all plain-all 1 3
    if "$python" -c 'import datasets' 2>"$tmp/log"; then
        time_of datasets-pictures "$python" "$peers/ingest_hf.py" "$media"
        least ours-pictures datasets-pictures 1 5
    else
        skip "pictures beside datasets" "\$BF_PYTHON has no datasets"
    fi
    for n in jpeg pictures sounds traces clips all; do
        echo "# ours-$n: $(best "ours-$n" 1) CPU s, $(best "ours-$n" 2) s"
    done
    for n in turbojpeg pillow-draft plain-sounds plain-traces plain-clips plain-all; do
        echo "# $n: $(best $n 1) CPU s, $(best $n 2) s"
    done
fi

# Peak of the process that holds the pool: bench_ingest says its own.
for n in ${BF_SAMPLES:-1000 10000 100000}; do
    mkdir "$tmp/$n" && "$many" "$tmp/$n" "$n" && "$ingest" "$tmp/$n/spec.yaml" "$tmp/$n/ledger" 2 \
        >"$tmp/log" 2>&1
    check "$n samples are ingested"
    mb=$(sed -n 's/.*peak \([0-9]*\) MB.*/\1/p' "$tmp/log")
    [ "${mb:-9999}" -le 150 ]
    check "$n samples: at most 150 MB: $mb"
    rm -rf "${tmp:?}/$n"
done
finish
