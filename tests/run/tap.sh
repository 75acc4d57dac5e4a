# Sourced by the tests here. check NAME reports the exit status of the command before it, with
# $tmp/log as the reason; skip NAME REASON; finish.
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/log"
tap_n=0; tap_failed=0

check() {
    rc=$?
    tap_n=$((tap_n + 1))
    if [ $rc = 0 ]; then
        echo "ok $tap_n - $1"
    else
        echo "not ok $tap_n - $1"
        tail -n 20 "$tmp/log" | sed 's/^/# /'
        tap_failed=1
    fi
}

skip() {
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $1 # SKIP $2"
}

finish() {
    echo "1..$tap_n"
    exit $tap_failed
}

# Everything in a run folder that must be the same bytes: all but the ledger and run.json, which
# holds seconds and counts of what was cached.
digest() {
    (cd "$1" && find . -type f ! -name 'ledger.db*' ! -name run.json | LC_ALL=C sort |
        while read -r f; do sha256sum "$f"; done)
}

# shared ROOT: folder of the shared data, empty when there is none.
shared() {
    d=${BF_SHARED:-$1/../shared}
    [ ! -e "$d/data/pool/pool.jsonl" ] || (cd "$d" && pwd)
}

# real_spec ROOT SHARED: the spec of the real pool, with its paths made absolute.
real_spec() {
    sed "s|\.\./\.\./shared|$2|" "$1/specs/real_pool.yaml"
}
