#!/bin/sh
# pictures.sh ROOT BUILD: pictures as we read them beside Pillow. Python is $BF_PYTHON, else one of
# its own in the build folder, with packages from PyPI. TAP.
. "$1/tests/run/tap.sh"
. "$1/tests/asking/venv.sh"
python=${BF_PYTHON:-$2/tests/venv/pictures/bin/python}
if [ -z "${BF_PYTHON:-}" ] && ! venv "$2/tests/venv/pictures" pillow numpy; then
    skip "pictures beside Pillow" "$why"
    finish
fi
mkdir "$tmp/made"
"$python" "$1/tests/media/pictures.py" "$2/tests/media/read_picture" "$(shared "$1")" "$tmp/made" \
    2>"$tmp/log" || { rc=$?; sed 's/^/# /' "$tmp/log"; exit $rc; }
