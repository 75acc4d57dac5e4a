#!/bin/sh
# summary.sh ROOT: tests/summary.awk counts what tests said, and misses no failure.
cd "$1" || exit 99
. tests/tidy/tap.sh
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# gives NAME WANT: the summary of $tmp/log is WANT.
gives() {
    got=$(awk -f tests/summary.awk "$tmp/log"; echo "exit $?")
    [ "$got" = "$2" ] && faults= || faults=$(printf 'want: %s\ngot:  %s' "$2" "$got")
    report "$1" "$faults"
}

cat >"$tmp/log" <<'EOF'
{"name": "p:unit / a", "stdout": "ok 1 - x\n# y is 2\nnot ok 2 - y\nok 3 - z # SKIP no \"z\" here\n", "result": "FAIL"}
{"name": "p:cli / b", "stdout": "", "result": "OK"}
EOF
gives "cases are counted one by one" "failed:  unit/a: y
skipped: unit/a: z: no \"z\" here
         # y is 2
2 passed, 1 failed, 1 skipped
exit 1"

cat >"$tmp/log" <<'EOF'
{"name": "p:cli / b", "stdout": "no such tool\n", "result": "SKIP"}
{"name": "p:cli / c", "stdout": "", "result": "OK"}
EOF
gives "a program can be skipped as a whole" "skipped: cli/b: no such tool
1 passed, 0 failed, 1 skipped
exit 0"

cat >"$tmp/log" <<'EOF'
{"name": "p:unit / a", "stdout": "1..2\nok 1 - x\n", "result": "ERROR"}
{"name": "p:cli / b", "stdout": "", "result": "TIMEOUT"}
EOF
gives "a crash and a time-out are failures" "failed:  unit/a: error
failed:  cli/b: timeout
1 passed, 2 failed, 0 skipped
exit 1"

: >"$tmp/log"
gives "nothing run is a failure" "failed:  no test ran
0 passed, 1 failed, 0 skipped
exit 1"
finish
