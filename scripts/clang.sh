#!/bin/sh
# Build with clang into build-clang, warnings as errors. `clang.sh name` only prints which clang
# there is, and fails when there is none.
set -u
cd "$(dirname "$0")/.." || exit 99

for c in clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14; do
    command -v $c >/dev/null && break
    c=
done
[ -n "$c" ] || exit 1
if [ "${1:-}" = name ]; then
    echo "$c"
    exit 0
fi

echo "== build with $c"
[ -f build-clang/build.ninja ] || CC=$c meson setup build-clang >/dev/null || exit 1
log=$(ninja -C build-clang 2>&1) || {
    echo "$log" | sed -n '/^FAILED/,$p'
    exit 1
}
