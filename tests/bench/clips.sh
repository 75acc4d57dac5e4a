#!/bin/sh
# clips.sh ROOT BUILD: 8 frames of clips beside PyAV, on the clips that $BF_SHARED/peers/gen_media.py
# makes (10 s of 640 x 360, H.264, a key frame every 2 s) and one of a minute; CPU time, one thread
# each, by turns, the best of each. TAP.
#
# $BF_PYTHON (default python3) is a Python that has av and numpy; ffmpeg makes the clips.
. "$1/tests/run/tap.sh"
read=$2/tests/clips/clip_read
python=${BF_PYTHON:-python3}
peers=$(shared "$1")/peers
if ! "$python" -c 'import av, numpy' 2>"$tmp/log" || ! command -v ffmpeg >"$tmp/log" ||
    [ ! -f "$peers/gen_media.py" ]; then
    skip "clips beside PyAV" "no ffmpeg, no shared peers, or \$BF_PYTHON has no av"
    finish
fi
"$python" - "$peers/gen_media.py" "$tmp" <<'P' 2>"$tmp/log"
import sys
made = {'__name__': 'made'}
exec(open(sys.argv[1]).read().rsplit('\nmain()', 1)[0], made)
for i in range(4):
    made['make_video']((i, f'{sys.argv[2]}/v{i}.mp4'))
P
check "the clips are made"
ffmpeg -v error -f lavfi -i testsrc2=size=1280x720:rate=25 -t 60 -vf noise=alls=8:allf=t -c:v libx264 \
    -preset veryfast -pix_fmt yuv420p "$tmp/minute.mp4" 2>"$tmp/log"
: >"$tmp/ours"; : >"$tmp/theirs"
for f in "$tmp"/v?.mp4 "$tmp/minute.mp4"; do
    n=5
    [ "$f" != "$tmp/minute.mp4" ] || n=1
    "$python" "$1/tests/bench/clips_peer.py" $n "$f" >>"$tmp/theirs" 2>"$tmp/log"
    "$read" -n $n video "$f" /dev/null | sed -n 's/^cpu //p' >>"$tmp/ours"
done
paste -d ' ' "$tmp/ours" "$tmp/theirs" >"$tmp/both"
awk '{ sub(".*/", "", $5); printf "# %s: %s ms; PyAV all %s (%.1f x), all RGB %s (%.1f x), 8 RGB %s (%.1f x)\n",
       $5, $1, $2, $2 / $1, $3, $3 / $1, $4, $4 / $1 }' "$tmp/both"
awk '/v[0-9].mp4/ { a += $1; b += $2 } END { exit !(NR == 5 && b >= 3 * a) }' "$tmp/both"
check "8 frames of 10 s: 3 times as fast as PyAV decoding all and looking at none"
awk '/minute/ { a += $1; b += $2 } END { exit !(b >= 3 * a) }' "$tmp/both"
check "8 frames of a minute: 3 times as fast as PyAV decoding all and looking at none"
finish
