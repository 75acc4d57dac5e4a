#!/bin/sh
# clips.sh ROOT BUILD: clips of $BF_SHARED/data, and made ones, beside FFmpeg through PyAV. TAP.
#
# $BF_PYTHON is a Python that has av, numpy and Pillow; without it one is made in the build folder.
. "$1/tests/run/tap.sh"
. "$1/tests/asking/venv.sh"
data=$(shared "$1")
python=${BF_PYTHON:-}
if [ ! -d "$data/data/odd/video" ]; then
    skip "clips" "no shared data: set BF_SHARED"
    finish
elif [ -z "$python" ] && ! venv "$2/venv-clips" av numpy pillow; then
    skip "clips" "no PyAV: $why"
    finish
else
    "${python:-$2/venv-clips/bin/python}" "$1/tests/clips/clips.py" "$2/tests/clips/clip_read" "$data" "$tmp" \
        2>/dev/null
fi
