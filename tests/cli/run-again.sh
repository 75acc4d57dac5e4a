. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
emit: {}
Y
# run WHAT-CHANGED: what is done anew, and whether a run into a new folder gives the same.
run() {
    echo "-- $1"
    blindfold run spec.yaml --out run 2>&1 | grep -E 'media:|answers:|benchmark:|aside, the'
    rm -rf new
    blindfold run spec.yaml --out new >/dev/null 2>&1
    for f in scores.csv stats.csv verdicts.jsonl set_aside.jsonl; do cmp run/$f new/$f; done
    diff -r run/benchmark new/benchmark
}
run 'first'
run 'nothing changed'
picture media/p0.ppm 100 100 100
run 'a picture changed'
rm media/p1.ppm
run 'a picture is gone'
sed '10s/"answer": "."/"answer": "D"/' pool.jsonl >changed && mv changed pool.jsonl
run 'a gold answer was corrected'
rm run/benchmark/media/*.ppm
run 'the benchmark lost its pictures'
echo x >>run/benchmark/benchmark.jsonl
run 'the benchmark was written into'
