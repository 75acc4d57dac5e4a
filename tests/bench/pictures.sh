#!/bin/sh
# pictures.sh ROOT BUILD [FOLDER]: decoding JPEG as readings need it and whole, beside bare
# libjpeg-turbo and stb_image in the same process. FOLDER: of JPEG files (default: the shared pool's).
# TAP, with the times as comments.
. "$1/tests/run/tap.sh"
folder=${3:-$(shared "$1")/data/pool/image}
build=$2

if ! ls "$folder"/*.jpg >"$tmp/files" 2>"$tmp/log"; then
    skip "decoding of JPEG" "no JPEG files in $folder"
    finish
fi
xargs "$build/tests/bench/bench_pictures" <"$tmp/files" >"$tmp/times" 2>"$tmp/log"
check "files are decoded"
sed 's/^/# /' "$tmp/times"
if ! grep -q bare "$tmp/times"; then
    skip "ours against libjpeg-turbo" "built without libjpeg-turbo"
    finish
fi

# ratio WHAT A B MOST: time of A by time of B.
ratio() {
    awk -v a="$2" -v b="$3" -v most="$4" '
        { name = $0; sub(/ +[0-9.]+ ms a file$/, "", name); t[name] = $(NF - 3) }
        END { r = t[a] / t[b]; printf "%.3f of it, at most %s\n", r, most; exit !(r <= most) }' \
        "$tmp/times" >"$tmp/log"
    check "$1: $(cat "$tmp/log")"
}
ratio "to 64 pixels, against bare libjpeg-turbo at 1/8" "ours, enough 64" "bare, 1/8" 1.06
ratio "whole, against bare libjpeg-turbo" "ours, whole" "bare, whole" 1.25
ratio "whole, against stb_image" "ours, whole" "stb_image, whole" 0.7
finish
