#!/bin/sh
# four_senses.sh ROOT BUILD: what `make demo` promises: the planted leaks are found, what needs its
# media stays, the needed sense contributes most, and a second run changes nothing. Prints TAP.
set -u
root=$1 build=$2
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
n=0; failed=0

# check NAME, then the exit status of the command before it; $tmp/log says why
check() {
    rc=$?
    n=$((n + 1))
    if [ $rc = 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        sed 's/^/# /' "$tmp/log"
        failed=1
    fi
}

# The spec finds the pool at the same place relative to itself as in the tree.
mkdir "$tmp/specs" && cp "$root/specs/four_senses.yaml" "$tmp/specs/" || exit 99
"$build/demo/make_pool" "$tmp/build/demo/pool" >"$tmp/log" 2>&1 || exit 99

run() {
    "$build/blindfold" run "$tmp/specs/four_senses.yaml" --out "$tmp/run" >"$tmp/log" 2>&1
}
digest() {
    sum=$(command -v sha256sum || echo "shasum -a 256")
    (cd "$tmp/run/benchmark" && find . -type f | LC_ALL=C sort | xargs $sum | $sum)
}

run; check "the run ends with every promise of its spec kept"
"$build/demo/recovered" --check "$tmp/build/demo/pool" "$tmp/run" >"$tmp/log" 2>&1
check "leaks are found, needed media are not, the needed sense contributes most"
before=$(digest)
run; check "it can be run again"
[ "$before" = "$(digest)" ]; check "the second run leaves the same bytes"
echo "1..$n"
exit $failed
