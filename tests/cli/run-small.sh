. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
filters: [shortcut: {probe: stat, under: blind, above: 0.5}]
emit: {card: {license: cc0-1.0}}
Y
blindfold run spec.yaml --out run --threads 2 >first
sed -n 1,3p first
echo "-- and once more"
blindfold run spec.yaml --out run >second
sed -n 1,3p second
echo "-- the rest is the same"
sed 1,3d first >a
sed '1,3d; s/ (as it was)//' second | diff a -
echo "-- what there is"
ls run run/benchmark
grep -c . run/verdicts.jsonl
