#!/bin/sh
# Everything that `make test` runs, after the builds are there: all suites; units and command
# line once more under the address and undefined-behaviour sanitizers; a build with clang. Needs
# no network: tests of models that are real take these from PyPI, and are skipped without it. The
# last line reads "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 99

# suite BUILD ARG...: run tests; what they said is left in BUILD/meson-logs/testlog.json.
suite() {
    dir=$1
    shift
    rm -f "$dir/meson-logs/testlog.json"
    meson test -C "$dir" --no-rebuild --print-errorlogs "$@" | grep -vE \
        '^($|Full log|ninja:|(Ok|Fail|Skipped|Timeout|Expected Fail|Unexpected Pass):)'
    [ -e "$dir/meson-logs/testlog.json" ] || note "$dir" "meson test" ERROR "no log" \
        >"$dir/meson-logs/testlog.json"
}

# note SUITE NAME RESULT TEXT: one line as meson writes them.
note() {
    printf '{"name": "blindfold:%s / %s", "stdout": "%s", "result": "%s"}\n' "$1" "$2" "$4" "$3"
}

echo "== all suites"
suite build
echo "== units and command line under sanitizers"
ASAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    suite build-asan --suite unit --suite cli

# Warnings are errors under clang too; a machine without it says so.
clang=build/meson-logs/clang.json
if ! sh scripts/clang.sh name >/dev/null; then
    note build clang SKIP "clang is not installed" >$clang
elif sh scripts/clang.sh; then
    note build clang OK "" >$clang
else
    note build clang FAIL "" >$clang
fi

echo "== summary"
awk -f tests/summary.awk build/meson-logs/testlog.json build-asan/meson-logs/testlog.json $clang
