#!/bin/sh
# killed.sh ROOT BUILD: kills at random instants, each followed by a run: the bytes of a run that
# nobody disturbed, and nothing computed twice. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"

if ! command -v timeout >/dev/null; then
    skip "kills" "there is no timeout(1)"
    finish
fi

run() { "$build/blindfold" run "$spec" --out "$1" >"$tmp/log" 2>&1; }

# killed NAME SPEC KILLS. Instants from a fixed seed, spread over the length of a calm run; a folder
# is used until its run comes through, so that kills also hit runs that resume.
killed() {
    spec=$2 kills=$3
    rm -rf "$tmp/run" "$tmp/calm"
    start=$(date +%s%N)
    run "$tmp/calm"; check "$1: a run that nobody disturbs"
    span=$((($(date +%s%N) - start) / 1000000))
    digest "$tmp/calm" >"$tmp/a"

    done_kills=0 round=0 bad=
    while [ $done_kills -lt $kills ] && [ $round -lt 200 ]; do
        round=$((round + 1))
        wait=$(awk -v seed=$round -v span=$span \
            'BEGIN { srand(seed * 7919); printf "%.3f", rand() * span / 1000 }')
        timeout -s KILL "$wait" "$build/blindfold" run "$spec" --out "$tmp/run" >"$tmp/log" 2>&1
        case $? in
        137) done_kills=$((done_kills + 1)) ;;
        0)
            digest "$tmp/run" | cmp -s "$tmp/a" - || bad="$bad $round"
            grep -q '"stored_twice": 0' "$tmp/run/run.json" || bad="$bad $round(twice)"
            rm -rf "$tmp/run"
            ;;
        *) bad="$bad $round(failed)"; rm -rf "$tmp/run" ;;
        esac
    done
    [ $done_kills = $kills ]; check "$1: $kills kills at random instants"
    run "$tmp/run" && digest "$tmp/run" | diff "$tmp/a" - >"$tmp/log"
    check "$1: the same bytes after the last kill"
    grep -q '"stored_twice": 0' "$tmp/run/run.json"; check "$1: nothing was computed twice"
    echo "rounds that differed:$bad" >"$tmp/log"
    [ -z "$bad" ]; check "$1: the same bytes after every other kill"
    ! find "$tmp/run" -name '*.part' -o -name '*.old' | grep -q .
    check "$1: nothing half written is left"
}

data=$(shared "$root")
if [ -n "$data" ]; then
    real_spec "$root" "$data" >"$tmp/real.yaml"
    killed media "$tmp/real.yaml" 20
else
    mkdir "$tmp/specs" && cp "$root/specs/four_senses.yaml" "$tmp/specs/" || exit 99
    "$build/demo/make_pool" "$tmp/build/demo/pool" >/dev/null 2>&1 || exit 99
    killed media "$tmp/specs/four_senses.yaml" 20
fi
# The learners blend and priors, repeats, and what trains them again: repair and the pruning filters.
word_pool "$tmp/words"
word_spec "$tmp/words" >"$tmp/words.yaml"
killed words "$tmp/words.yaml" 10
finish
