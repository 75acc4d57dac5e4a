#!/bin/sh
# signals.sh ROOT BUILD [FILES]: sounds (10 s, WAV, FLAC, MP3) and traces (6 x 2000, CSV, NPY) as
# ../shared/peers/gen_media.py makes them, FILES of each (default 60), read by two processes of ours
# (decode, SHA-256, features, fingerprint) and by two of the plain Python script (decode, hash, level),
# by turns; least CPU and wall seconds of three rounds. BF_PYTHON names a Python with numpy, soundfile
# and xxhash. TAP, with the seconds as comments.
. "$1/tests/run/tap.sh"
peers=$(shared "$1")/peers
bench=$2/tests/bench/bench_signals
files=${3:-60}

if [ ! -e "$peers/ingest_plain.py" ] || ! "${BF_PYTHON:-python3}" -c 'import numpy, soundfile, xxhash' 2>"$tmp/log"; then
    skip "sounds and traces beside plain Python" "no shared peers, or no BF_PYTHON with numpy, soundfile, xxhash"
    finish
fi
python=${BF_PYTHON:-python3}
"$python" - "$peers" "$tmp" "$files" <<'P' || exit 99
import os, sys
peers, out, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
source = open(f"{peers}/gen_media.py").read().rsplit("main()", 1)[0]
exec(source)
for kind, make, names in (("audio", make_audio, ("wav", "flac", "mp3")), ("tactile", make_tactile, ("csv", "npy"))):
    os.makedirs(f"{out}/{kind}")
    for i in range(n):
        make((i, f"{out}/{kind}/{i:04d}.{names[i % len(names)]}"))
P

# ours KIND: half of the files in each of two processes.
cat >"$tmp/ours" <<S
#!/bin/sh
a= b= n=0
for f in "$tmp/\$1"/*; do
    if [ \$((n / 6 % 2)) = 0 ]; then a="\$a \$f"; else b="\$b \$f"; fi
    n=\$((n + 1))
done
"$bench" "\$1" 1 \$a & "$bench" "\$1" 1 \$b
wait
S
chmod +x "$tmp/ours"

# timed NAME COMMAND...: "WALL CPU" appended to $tmp/NAME.
timed() {
    name=$1
    shift
    "$python" - "$@" >>"$tmp/$name" <<'P'
import resource, subprocess, sys, time
t = time.time()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
wall, u = time.time() - t, resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, u.ru_utime + u.ru_stime)
P
}

for kind in audio tactile; do
    for round in 1 2 3; do
        timed "$kind.peer" "$python" "$peers/ingest_plain.py" "$tmp" --procs 2 --kind $kind
        timed "$kind.ours" "$tmp/ours" $kind
    done
    for what in 1 2; do
        peer=$(cut -d' ' -f$what "$tmp/$kind.peer" | sort -g | head -n 1)
        own=$(cut -d' ' -f$what "$tmp/$kind.ours" | sort -g | head -n 1)
        word=wall; least=1.5
        [ $what = 1 ] || word=CPU
        [ $kind = audio ] || least=2
        awk -v p="$peer" -v o="$own" -v k="$kind" -v w=$word -v n="$files" 'BEGIN {
            printf "# %s, %d files, %s: plain Python %.3f s, ours %.3f s, %.1f times as fast\n", k, n, w, p, o, p / o }'
        awk -v p="$peer" -v o="$own" -v l=$least 'BEGIN { exit !(p >= l * o) }'
        check "$kind: $word at least $least times as fast as plain Python"
    done
done
for e in audio/*.wav audio/*.flac audio/*.mp3 tactile/*.csv tactile/*.npy; do
    echo "# ${e%%/*} ${e##*.}: $("$bench" "${e%%/*}" 3 "$tmp"/$e)"
done
finish
