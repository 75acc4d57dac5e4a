#!/bin/sh
# signals.sh ROOT BUILD: every sample of the shared sounds, and of traces that other programs write,
# beside what soundfile, libsndfile, FFmpeg, NumPy, SciPy and h5py have. BF_PYTHON names a Python that
# has them; without it they are installed into a folder of the build.
. "$1/tests/run/tap.sh"
. "$1/tests/asking/venv.sh"
root=$1
decode=$2/tests/media/decode
shared=$(shared "$1")
python=${BF_PYTHON:-$2/venv-signals/bin/python}

if [ -z "$BF_PYTHON" ] &&
    ! venv "$2/venv-signals" numpy==2.4.6 scipy==1.17.1 h5py==3.16.0 soundfile==0.14.0 av==18.1.0; then
    skip "sounds and traces beside other readers" "no Python packages: $why"
    finish
fi
# compare KIND: nothing that is said of the exit status may come between it and check.
compare() {
    "$python" "$root/tests/media/signals.py" "$decode" "$shared" "$tmp" "$1" >"$tmp/log" 2>&1
    rc=$?
    n=$(grep -c '^ok' "$tmp/log")
    grep '^not ok' -A 1 "$tmp/log" | sed 's/^not ok/# not ok/'
    [ $rc = 0 ]
    check "$1: $n files, every value"
}

if [ -z "$shared" ]; then
    skip "sounds beside other readers" "no shared data"
else
    compare sounds
fi
compare made
compare traces
finish
