#!/bin/sh
# beside.sh ROOT BUILD: the built-in probe on benchmarks of text beside a battery of scikit-learn, on
# the same folds, by McNemar's exact test; and on generated questions. TAP.
#
# $BF_PYTHON is a Python that has numpy, scipy and scikit-learn; without it one is made in the build
# folder. BF_SLOW=1 adds what is no part of the battery: how far words go at all. Without scikit-learn
# the probe is held to what the battery reached when it was recorded.
. "$1/tests/run/tap.sh"
. "$1/tests/asking/venv.sh"
bench=$2/tests/bench/bench_builtin peer=$1/tests/bench/builtin_peer.py
data=$(shared "$1")
python=${BF_PYTHON:-}
why='no shared data: set BF_SHARED'
export PYTHONDONTWRITEBYTECODE=1
[ -z "$data" ] || [ -n "$python" ] || { venv "$2/venv-sklearn" numpy scipy scikit-learn &&
    python=$2/venv-sklearn/bin/python; }

field() { sed -En "s/(^|.* )$1 ([0-9.e-]+).*/\2/p"; }
least() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= b) }'; }

# battery NAME FILE RECORDED: folds by medium; accuracy not below that of any learner of the battery.
battery() {
    if [ ! -f "$data/data/text/$2" ]; then
        skip "$1" "no shared data: set BF_SHARED"
        return
    fi
    pool=$data/data/text/$2
    "$bench" "$pool" group=media threads=2 p="$tmp/ours.npy" fold="$tmp/fold.npy" gold="$tmp/gold.npy" \
        >"$tmp/said" 2>"$tmp/log"
    check "$1: answered"
    echo "# $1: $(cat "$tmp/said")"
    right=$(field accuracy <"$tmp/said")
    least "$right" "$3"
    check "$1: accuracy $right, the recorded battery's best $3"
    if [ -z "$python" ]; then
        skip "$1: beside scikit-learn" "no scikit-learn: $why"
        return
    fi
    extra=
    [ "${BF_SLOW:-0}" = 0 ] || extra="hgb forest sgd svc facts conditional"
    for learner in bayes crosses stacked $extra; do
        "$python" "$peer" fit $learner "$pool" "$tmp/fold.npy" --out "$tmp/p.npy" >"$tmp/said" 2>"$tmp/log"
        echo "# $1: $(cat "$tmp/said")"
        "$python" "$peer" paired "$tmp/gold.npy" "$tmp/ours.npy" "$tmp/p.npy" >"$tmp/said" 2>"$tmp/log"
        echo "# $1: $(cat "$tmp/said")"
        case $learner in facts | conditional) continue ;; esac
        least "$(field ours <"$tmp/said" | head -n 1)" "$(field theirs <"$tmp/said")"
        check "$1: $(field p <"$tmp/said" | sed 's/^/not below '$learner', p = /')"
    done
}

# 5,000 generated questions, template withheld: boosting and a linear model on the same folds.
generated() {
    if [ -z "$python" ] || [ ! -f "$data/peers/gen_mcq.py" ]; then
        skip "generated questions beside scikit-learn" "$why"
        return
    fi
    "$python" "$data/peers/gen_mcq.py" "$tmp/mcq.jsonl" 5000
    for learner in linear blend; do
        "$bench" "$tmp/mcq.jsonl" category=subject threads=2 learner=$learner fold="$tmp/fold.npy" \
            columns="$tmp/columns.npy" >"$tmp/$learner" 2>"$tmp/log"
        check "generated questions: $(cat "$tmp/$learner")"
    done
    "$python" "$peer" fit hgb "$tmp/mcq.jsonl" "$tmp/fold.npy" --columns "$tmp/columns.npy" >"$tmp/hgb" 2>"$tmp/log"
    least "$(field auc <"$tmp/blend")" "$(field auc <"$tmp/hgb")"
    check "generated questions: blend beside $(cat "$tmp/hgb")"
    "$python" "$peer" fit crosses "$tmp/mcq.jsonl" "$tmp/fold.npy" >"$tmp/crosses" 2>"$tmp/log"
    least "$(field auc <"$tmp/linear")" "$(field auc <"$tmp/crosses")"
    check "generated questions: linear beside $(cat "$tmp/crosses")"
    "$python" "$peer" rule "$data/peers/gen_mcq.py" "$tmp/mcq.jsonl" >"$tmp/rule" 2>"$tmp/log"
    sed 's/^/# /' "$tmp/rule"
    best=$(grep 'exact, template seen' "$tmp/rule" | field auc)
    awk -v a="$(field auc <"$tmp/blend")" -v b="$best" 'BEGIN { exit !(a >= b - 0.04 && a <= b + 0.01) }'
    check "generated questions: blend within 0.04 of the best rule there can be, $best, and not above"
}

battery "NExT-QA" nextqa_val.jsonl 0.295
battery "MMAU test-mini" mmau_testmini.jsonl 0.403
generated
finish
