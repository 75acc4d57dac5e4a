. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
emit: {card: {license: cc0-1.0}}
Y
# What a benchmark says of its samples is what the pool says now, though no answer changes by it.
blindfold run spec.yaml --out run >/dev/null
sed -i 's/CC0-1.0/CC-BY-4.0/' pool.jsonl
echo '{"id": "no"' >>pool.jsonl
blindfold run spec.yaml --out run | sed -n '3p;$p'
grep -c '"licence": "CC-BY-4.0"' run/benchmark/benchmark.jsonl
grep 'set aside' run/benchmark/README.md
blindfold run spec.yaml --out run | sed -n '$p'
