#!/bin/sh
# builtin.sh ROOT BUILD: the built-in probe beside scikit-learn on generated questions whose leaks are
# known, by turns, on the same folds and for trees the same columns; CPU seconds are those of whole
# processes with their children (tests/bench/rusage.c). TAP.
#
# $BF_PYTHON is a Python that has numpy, scipy and scikit-learn; without it one is made in the build
# folder. $BF_SAMPLES (50000) questions, $BF_FOLDS (10); $BF_SVC_SAMPLES (as many) for LinearSVC, which
# is slow: with fewer, `linear` is measured on those, too. $BF_TURNS (2) of ours: the least CPU counts.
. "$1/tests/run/tap.sh"
. "$1/tests/asking/venv.sh"
bench=$2/tests/bench/bench_builtin rusage=$2/tests/rusage peer=$1/tests/bench/builtin_peer.py
generator=$(shared "$1")/peers/gen_mcq.py
python=${BF_PYTHON:-}
n=${BF_SAMPLES:-50000} n_svc=${BF_SVC_SAMPLES:-${BF_SAMPLES:-50000}} folds=${BF_FOLDS:-10}
export PYTHONDONTWRITEBYTECODE=1

if [ ! -f "$generator" ]; then
    skip "beside scikit-learn" "no shared peers: set BF_SHARED"
    finish
elif [ -z "$python" ] && ! venv "$2/venv-sklearn" numpy scipy scikit-learn; then
    skip "beside scikit-learn" "no scikit-learn: $why"
    finish
fi
python=${python:-$2/venv-sklearn/bin/python}

# run NAME COMMAND...: what it printed goes to $tmp/NAME.out, what it took is added to $tmp/NAME.time.
run() {
    name=$1
    shift
    "$rusage" "$@" >"$tmp/time" 2>"$tmp/$name.out"
    cat "$tmp/time" >>"$tmp/$name.time"
    echo "# $name: $(tail -n 1 "$tmp/$name.out"); $(cat "$tmp/time")"
    grep -q 'status 0$' "$tmp/time" || { tail -n 5 "$tmp/$name.out" | sed 's/^/# /'; false; }
}
ours() { run "$1" "$bench" "$tmp/mcq.jsonl" category=subject folds="$folds" learner="$2" limit="$3"; }
theirs() {
    name=$1 learner=$2
    shift 2
    run "$name" "$python" "$peer" fit "$learner" "$tmp/mcq.jsonl" "$@"
}
cpu() { awk '{ print $4 }' "$tmp/$1.time" | sort -n | head -n 1; }
peak() { awk '{ print $6 }' "$tmp/$1.time" | sort -n | tail -n 1; }
auc() { sed -n 's/.* auc \([0-9.]*\).*/\1/p' "$tmp/$1.out" | tail -n 1; }
# holds NAME A B C: awk's word on a condition over numbers a, b, c.
holds() {
    awk -v a="$2" -v b="$3" -v c="${4:-0}" "BEGIN { exit !($1) }"
}

"$python" "$generator" "$tmp/mcq.jsonl" "$n"
"$python" "$peer" rule "$generator" "$tmp/mcq.jsonl" | sed 's/^/# /'
for size in $n $n_svc; do
    "$bench" "$tmp/mcq.jsonl" category=subject folds="$folds" limit="$size" ask=0 fold="$tmp/fold$size.npy" \
        columns="$tmp/columns.npy" 2>"$tmp/log" || check "folds"
done
[ "$n" = "$n_svc" ] || "$bench" "$tmp/mcq.jsonl" category=subject limit="$n" ask=0 columns="$tmp/columns.npy"

ours linear linear "$n"
ours blend blend "$n"
theirs hgb hgb "$tmp/fold$n.npy" --columns "$tmp/columns.npy"
theirs sgd sgd "$tmp/fold$n.npy"
[ "${BF_TURNS:-2}" = 1 ] || ours linear linear "$n"
[ "$n" = "$n_svc" ] || ours linear_few linear "$n_svc"
theirs svc svc "$tmp/fold$n_svc.npy"
[ "${BF_TURNS:-2}" = 1 ] || ours blend blend "$n"
theirs hgb_plain hgb "$tmp/fold$n.npy"
theirs forest forest "$tmp/fold$n.npy" --columns "$tmp/columns.npy"
[ "$n" = "$n_svc" ] && few=linear || few=linear_few

holds "a >= b" "$(auc linear)" "$(auc sgd)"
check "linear: AUC by choice $(auc linear), SGD $(auc sgd), $n questions"
holds "a >= b" "$(auc $few)" "$(auc svc)"
check "linear: AUC by choice $(auc $few), LinearSVC $(auc svc), $n_svc questions"
holds "8 * a <= b" "$(cpu linear)" "$(cpu sgd)"
check "linear: $(cpu linear) CPU s, an eighth of SGD's $(cpu sgd) at most"
holds "8 * a <= b" "$(cpu $few)" "$(cpu svc)"
check "linear: $(cpu $few) CPU s, an eighth of LinearSVC's $(cpu svc) at most"
holds "a >= b && a >= c" "$(auc blend)" "$(auc hgb)" "$(auc forest)"
check "blend: AUC by choice $(auc blend), boosting $(auc hgb), random forest $(auc forest), our columns"
holds "a >= b" "$(auc blend)" "$(auc hgb_plain)"
check "blend: AUC by choice $(auc blend), boosting on columns of its own $(auc hgb_plain)"
holds "a <= b" "$(cpu blend)" "$(cpu hgb)"
check "blend: $(cpu blend) CPU s, boosting on our columns $(cpu hgb)"
holds "a <= b" "$(cpu blend)" "$(cpu hgb_plain)"
check "blend: $(cpu blend) CPU s, boosting on columns of its own $(cpu hgb_plain)"
holds "a <= 500 && b <= 500" "$(peak linear)" "$(peak blend)"
check "memory: linear $(peak linear) MB, blend $(peak blend) MB, 500 at most"
finish
