#!/bin/sh
# prints.sh ROOT BUILD [EVERY]: fingerprints of the shared pool beside those of what the ffmpeg
# program makes of its files. One file in EVERY (default 4) of each kind is taken. TAP, with the
# distributions as comments.
. "$1/tests/run/tap.sh"
prints=$2/tests/bench/bench_prints
pool=$(shared "$1")/data/pool
every=${3:-4}

if [ ! -d "$pool" ] || ! command -v ffmpeg >"$tmp/log" 2>&1; then
    skip "fingerprints of the pool" "no shared pool, or no ffmpeg program"
    finish
fi

# make KIND NAME OPTIONS...: what ffmpeg makes of every chosen file, as NAME's ending says.
make() {
    kind=$1 to=$2
    shift 2
    while read -r f; do
        n=$(basename "$f")
        ffmpeg -nostdin -v error -y -i "$f" "$@" "$tmp/$kind/$n.$to" 2>>"$tmp/log"
    done <"$tmp/$kind.list"
}

# distances KIND: "VARIANT DISTANCE FILE" a line, of variants to their origin and ("other") of
# origins to each other.
distances() {
    "$prints" "$1" "$tmp/$1"/* >"$tmp/prints" 2>>"$tmp/log"
    awk -v kind="$1" '
        function nibble(c) { return index("0123456789abcdef", c) - 1 }
        function distance(x, y,   i, n, a, b, k) {
            for (i = 1; i <= 16; i++) {
                a = nibble(substr(x, i, 1)); b = nibble(substr(y, i, 1))
                for (k = 0; k < 4; k++) {
                    n += a % 2 != b % 2; a = int(a / 2); b = int(b / 2)
                }
            }
            return n
        }
        {
            name = substr($0, 18); sub(".*/", "", name)
            if (name ~ /\.orig$/) { sub(/\.orig$/, "", name); origin[name] = $1; order[++m] = name }
            else { line[++n] = name; hash[n] = $1 }
        }
        END {
            for (i = 1; i <= n; i++)
                for (o in origin)
                    if (index(line[i], o ".") == 1) {
                        v = substr(line[i], length(o) + 2)
                        print v, distance(hash[i], origin[o]), o
                    }
            for (i = 1; i <= m; i++)
                for (k = 1; k < i; k++)
                    print "other", distance(origin[order[i]], origin[order[k]]), order[i]
        }' "$tmp/prints" >"$tmp/$1.distances"
    cut -d' ' -f1 "$tmp/$1.distances" | sort -u | while read -r v; do
        awk -v v="$v" '$1 == v { print $2 }' "$tmp/$1.distances" | sort -n | awk -v v="$v" -v k="$1" '
            { d[NR] = $1; near += $1 <= 6 }
            END { printf "# %s %-12s n %4d  least %2d  median %2d  9 in 10 %2d  most %2d  within 6: %d\n",
                k, v, NR, d[1], d[int((NR + 1) / 2)], d[int((9 * NR + 9) / 10)], d[NR], near }'
    done
}

# near KIND VARIANT SHARE: at least so many of 100 lie within 6 bits.
near() {
    awk -v v="$2" -v share="$3" '$1 == v { n++; near += $2 <= 6 }
        END { exit !(n && 100 * near >= share * n) }' "$tmp/$1.distances"
    check "$1: $2 within 6 bits for $3 in 100"
}

# far KIND BITS: no two files are within so many.
far() {
    awk -v bits="$2" '$1 == "other" { n++; near += $2 <= bits } END { exit !(n && !near) }' \
        "$tmp/$1.distances"
    check "$1: others further than $2 bits"
}

pick() {
    mkdir "$tmp/$1"
    find "$pool/$2" -type f | LC_ALL=C sort | awk -v e="$every" 'NR % e == 1 || e == 1' >"$tmp/$1.list"
    while read -r f; do cp "$f" "$tmp/$1/$(basename "$f").orig"; done <"$tmp/$1.list"
}

pick image image
make image q75.jpg -frames:v 1 -q:v 8
make image q30.jpg -frames:v 1 -q:v 20
make image half.png -frames:v 1 -vf scale=iw/2:ih/2
make image gray.png -frames:v 1 -vf format=gray
distances image
near image q75.jpg 100
near image q30.jpg 100
near image half.png 100
near image gray.png 100
far image 14

pick audio audio
make audio mp3_128.mp3 -c:a libmp3lame -b:a 128k
make audio softer.wav -af volume=-20dB
make audio aac.m4a -b:a 128k
make audio 16k.wav -ar 16000 -ac 1
distances audio
near audio mp3_128.mp3 100
near audio softer.wav 100
near audio aac.m4a 85
near audio 16k.wav 90
far audio 10

pick video video
even='scale=trunc(iw/2)*2:trunc(ih/2)*2'
make video crf30.mp4 -an -pix_fmt yuv420p -vf "$even" -c:v libx264 -crf 30
make video half.mp4 -an -pix_fmt yuv420p -vf 'scale=trunc(iw/4)*2:trunc(ih/4)*2' -c:v libx264
make video 3_less.mp4 -an -pix_fmt yuv420p -c:v libx264 \
    -vf "select=gte(n\\,3),setpts=PTS-STARTPTS,$even"
distances video
near video crf30.mp4 100
near video half.mp4 100
near video 3_less.mp4 66
far video 10
finish
