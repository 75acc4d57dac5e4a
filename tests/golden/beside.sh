#!/bin/sh
# beside.sh ROOT APPLY: operators beside Pillow, libjpeg-turbo (through Pillow) and scipy. TAP.
#
# $BF_PYTHON (default python3) is a Python with numpy, scipy and Pillow.
. "$1/tests/run/tap.sh"
python=${BF_PYTHON:-python3}
for name in gray jpeg blur blur_pillow edges pixelate band snr levels; do
    if "$python" -c 'import numpy, scipy, PIL' 2>"$tmp/log"; then
        "$python" "$1/tests/golden/beside.py" "$2" "$tmp" $name >"$tmp/log" 2>&1
        check "$name: $(head -n 1 "$tmp/log")"
    else
        skip "$name" "\$BF_PYTHON has no numpy, scipy and Pillow"
    fi
done
finish
