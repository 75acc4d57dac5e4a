#!/bin/sh
# installed.sh ROOT BUILD: what `make install` leaves is enough to build and run a program of one's
# own, and the shared library shows the public functions only. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"

DESTDIR=$tmp/d meson install -C "$build" --no-rebuild >"$tmp/log" 2>&1; check "it installs"
pc=$(find "$tmp/d" -name blindfold.pc)
prefix=$tmp/d$(sed -n 's/^prefix=//p' "$pc")
PKG_CONFIG_PATH=$(dirname "$pc"); export PKG_CONFIG_PATH
cat >"$tmp/own.c" <<'C'
#include <stdio.h>

#include "core/run.h"

int main(void)
{
    struct bf_spec spec = { 0 };
    struct bf_complaints complaints = { 0 };
    const int rc = bf_spec_read("nowhere.yaml", &spec, &complaints, NULL);
    printf("%s %d %d\n", bf_version(), rc == BF_EINVAL, complaints.n);
    bf_spec_done(&spec);
    return 0;
}
C
flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs blindfold)
# shellcheck disable=SC2086
cc -std=c17 -o "$tmp/own" "$tmp/own.c" $flags >"$tmp/log" 2>&1; check "a program builds against it"
lib=$(dirname "$(find "$tmp/d" -name 'libblindfold.so.0' | head -n 1)")
[ "$(LD_LIBRARY_PATH=$lib "$tmp/own" 2>"$tmp/log")" = "0.1.0 1 1" ]; check "and runs"
nm -D --defined-only "$lib/libblindfold.so.0" | awk '$2 ~ /[TDBR]/ { print $3 }' | grep -v '^bf_' >"$tmp/log"
[ $? = 1 ]; check "every public name begins with bf_"
! nm -D --defined-only "$lib/libblindfold.so.0" | grep -qE 'bf_(crossfit|ledger_open|arena_alloc|sha256)$'
check "what is not public is hidden"
"$prefix/bin/blindfold" --version >/dev/null 2>"$tmp/log" ||
    LD_LIBRARY_PATH=$lib "$prefix/bin/blindfold" --version >"$tmp/log" 2>&1
check "the installed program runs"
man=$(find "$tmp/d" -name blindfold.1)
if command -v man >/dev/null; then
    LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$man" 2>"$tmp/log" >/dev/null
    [ ! -s "$tmp/log" ]; check "the manual page formats without a warning"
else
    skip "the manual page formats without a warning" "there is no man(1)"
fi
"$build/blindfold" list --markdown | diff "$root/docs/operations.md" - >"$tmp/log"
check "docs/operations.md is what the tables say"
finish
