#!/bin/sh
# prune.sh ROOT BUILD: filters `ibp` and `aflite`, fed recorded p(gold) of 3,000 samples with ties,
# remove what plain loops in Python remove, in the same order. Prints TAP.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"
python=${BF_PYTHON:-python3}
"$python" -c pass >/dev/null 2>&1 || { skip "pruning against plain loops" "there is no python3"; finish; }

mkdir "$tmp/media"
for i in 0 1 2 3; do printf 'P3 2 1 255\n%d 0 9 80 %d 7\n' $((i * 60)) $((200 - i * 50)) >"$tmp/media/$i.ppm"; done
"$python" "$root/tests/run/prune.py" make "$tmp" || exit 99

# same NAME FILTER OPTION=VALUE ...
same() {
    name=$1 filter=$2; shift 2
    { echo 'blindfold: 1'; echo 'name: prune'; echo 'pool: {path: pool.jsonl}'
      echo 'conditions: [full, blind]'; echo 'undecided: keep'
      echo 'probes:'
      echo '  - {name: stat, kind: answers, path: p.jsonl, read: mra_tst}'
      echo '  - {name: zero, kind: answers, path: base.jsonl, read: mra_tst}'
      echo "filters: [$filter: {probe: stat$(for o; do printf ', %s: %s' "${o%%=*}" "${o#*=}"; done)}]"
    } >"$tmp/spec.yaml"
    "$build/blindfold" run "$tmp/spec.yaml" --out "$tmp/run" >"$tmp/log" 2>&1 &&
        "$python" "$root/tests/run/prune.py" removed "$tmp/run" >"$tmp/ours" 2>>"$tmp/log" &&
        "$python" "$root/tests/run/prune.py" "$filter" "$tmp" "$@" >"$tmp/theirs" 2>>"$tmp/log" &&
        [ -s "$tmp/theirs" ] && diff "$tmp/theirs" "$tmp/ours" >>"$tmp/log"
    check "$name ($(wc -l <"$tmp/theirs") removed)"
}

same "ibp, one ranking of all" ibp allocate=global budget=1000
same "ibp, per format" ibp budget=1007 batch=25
same "ibp, per format and number of choices" ibp allocate=per_choices budget=1/3
same "ibp, a share of each type" ibp allocate=per_type budget=0.54 floor=30
same "ibp, a count shared over types" ibp allocate=per_type budget=701 batch=7
same "ibp, floors that bite" ibp allocate=global budget=2900 floor=100
same "ibp, an early stop" ibp budget=2000 above=0.6 batch=40
same "ibp, less chance" ibp allocate=global budget=900 rank=adjusted batch=33
same "ibp, less what another probe gives" ibp budget=900 rank=delta base=zero above=0.1
same "aflite" aflite keep=0.7 slice=100
same "aflite, ended by its threshold" aflite keep=100 slice=0.05 above=0.8
finish
