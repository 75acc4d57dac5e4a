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
