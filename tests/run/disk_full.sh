#!/bin/sh
# disk_full.sh ROOT BUILD: a full disk stops a run with one message and no partial benchmark, and
# with room again the run goes on to the same bytes. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"

if ! unshare -m sh -c "mount -t tmpfs -o size=1m none '$tmp'" 2>/dev/null; then
    skip "a full disk" "no right to mount a small file system here"
    finish
fi
mkdir "$tmp/specs" "$tmp/disk" && cp "$root/specs/four_senses.yaml" "$tmp/specs/" || exit 99
"$build/demo/make_pool" "$tmp/build/demo/pool" >/dev/null 2>&1 || exit 99
spec=$tmp/specs/four_senses.yaml
"$build/blindfold" run "$spec" --out "$tmp/calm" >/dev/null 2>&1 || exit 99
digest "$tmp/calm" >"$tmp/a"

# One mount name space for all sizes: the disk grows between runs, what is on it stays.
cat >"$tmp/inside.sh" <<'IN'
set -u
mount -t tmpfs -o size=200k none "$tmp/disk" || exit 99
for size in 200k 600k 1500k 3m 6m 12m 20m 30m; do
    mount -o remount,size=$size "$tmp/disk" || exit 99
    "$build/blindfold" run "$spec" --out "$tmp/disk/run" >"$tmp/out" 2>"$tmp/err"
    rc=$?
    whole=none
    if [ -e "$tmp/disk/run/benchmark" ]; then
        whole=partial
        (cd "$tmp/disk/run/benchmark" && find . -type f | LC_ALL=C sort | xargs sha256sum) >"$tmp/d1"
        (cd "$tmp/calm/benchmark" && find . -type f | LC_ALL=C sort | xargs sha256sum) | cmp -s - "$tmp/d1" &&
            whole=whole
    fi
    echo "$size $rc $(grep -c . "$tmp/err") $whole $(head -n 1 "$tmp/err")"
done >"$tmp/runs"
mount -o remount,size=200m "$tmp/disk" || exit 99
"$build/blindfold" run "$spec" --out "$tmp/disk/run" >"$tmp/log" 2>&1 || echo "last run failed" >>"$tmp/runs"
cp -r "$tmp/disk/run" "$tmp/end"
IN
export tmp build spec
unshare -m sh "$tmp/inside.sh" || exit 99
cp "$tmp/runs" "$tmp/log"
awk '$2 == 1' "$tmp/runs" | grep -q .; check "the disk was full at least once"
! awk '$2 != 0 && $2 != 1' "$tmp/runs" | grep -q .; check "the status is 1: stopped, run again"
! awk '$2 == 1 && $3 != 1' "$tmp/runs" | grep -q .; check "one message each"
! awk '$2 == 1' "$tmp/runs" | grep -viE 'space|full' | grep -q .; check "the message says why"
! grep -q ' partial ' "$tmp/runs"; check "no benchmark is there in part"
digest "$tmp/end" | diff "$tmp/a" - >"$tmp/log"; check "with room again: the same bytes"
finish
