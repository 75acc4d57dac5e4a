#!/bin/sh
# beside.sh ROOT BUILD: operators beside Pillow, libjpeg-turbo (through Pillow) and scipy. TAP.
#
# $BF_PYTHON is a Python that has numpy, scipy and Pillow; without it one is made in the build folder.
. "$1/tests/run/tap.sh"
. "$1/tests/asking/venv.sh"
python=${BF_PYTHON:-}
if [ -z "$python" ] && ! venv "$2/venv-operators" numpy scipy pillow; then
    skip "operators" "no scipy and Pillow: $why"
    finish
fi
for name in gray jpeg blur blur_pillow edges pixelate band snr levels; do
    "${python:-$2/venv-operators/bin/python}" "$1/tests/golden/beside.py" "$2/tests/golden_apply" \
        "$tmp" $name >"$tmp/log" 2>&1
    check "$name: $(head -n 1 "$tmp/log")"
done
finish
