#!/bin/sh
# conditions.sh ROOT BUILD: white, black, noise and blur of 100 pictures of 1024 x 768, as JPEG of
# quality 90 in base64: by our workers, by Pillow and by OpenCV, two processes each, by turns. CPU
# seconds of the whole process tree; the least of three runs counts. TAP.
#
# $BF_PEERS_PYTHON (default python3) is a Python with numpy, Pillow and opencv, PyAV and soundfile,
# which the scripts of $BF_SHARED/peers use.
. "$1/tests/run/tap.sh"
conditions=$2/tests/bench/bench_conditions
rusage=$2/tests/rusage
python=${BF_PEERS_PYTHON:-python3}
peers=$(shared "$1")/peers
cpu() { sed -n 's/.* cpu \([0-9.]*\) .* status 0/\1/p'; }
least() { awk -v a="$1" -v b="$2" 'BEGIN { print b != "" && b < a ? b : a }'; }

if ! "$python" -c 'import PIL, cv2, av, soundfile' 2>"$tmp/log" || [ ! -f "$peers/cond_render.py" ]
then
    skip "conditions beside Pillow and OpenCV" "no shared peers, or \$BF_PEERS_PYTHON lacks them"
    finish
fi
"$python" "$peers/gen_media.py" "$tmp/media" --scale 0.05 >"$tmp/log" 2>&1
set -- "$tmp"/media/images/*.jpg
ours=9999 pil=9999 cv2=9999
for _ in 1 2 3; do
    ours=$(least "$ours" "$("$rusage" "$conditions" "$@" 2>"$tmp/log" | cpu)")
    for lib in pil cv2; do
        took=$("$rusage" "$python" "$peers/cond_render.py" "$tmp/media" $lib --limit $# \
            2>"$tmp/log" | cpu)
        eval "$lib=\$(least \$$lib \"\$took\")"
    done
done
echo "# $# pictures, CPU seconds: ours $ours, Pillow $pil, OpenCV $cv2"
awk -v o="$ours" -v t="$pil" 'BEGIN { exit !(o * 4 <= t && t < 9999) }'
check "a quarter of Pillow's CPU or less: $(awk -v o="$ours" -v t="$pil" 'BEGIN { print o / t }')"
awk -v o="$ours" -v t="$cv2" 'BEGIN { exit !(o * 4 <= t && t < 9999) }'
check "a quarter of OpenCV's CPU or less: $(awk -v o="$ours" -v t="$cv2" 'BEGIN { print o / t }')"
finish
