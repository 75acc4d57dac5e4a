. "$(dirname "$0")/lib/pool.sh"
parts_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
conditions: [full, {first: {replace: {image.1: white}}}, blind]
emit: {formats: [jsonl]}
Y
blindfold run spec.yaml --out run | sed -n '1,3p'
cat run/set_aside.jsonl run/benchmark/benchmark.jsonl
grep -o '^accuracy,stat,first,[^.]*' run/stats.csv
# What was emitted is a pool of the same samples, which is emitted as the same benchmark.
sed 's#pool.jsonl#run/benchmark/benchmark.jsonl#' spec.yaml >again.yaml
blindfold run again.yaml --out again | sed -n '1,3p'
cmp run/benchmark/benchmark.jsonl again/benchmark/benchmark.jsonl && echo the same
ls run/benchmark/media | wc -l
