. "$(dirname "$0")/lib/pool.sh"
small_pool
printf '{"id": "q0", "answer": "A"}\n{"id": "q1", "class": "sulked"}\n' >good.jsonl
small_spec <<'Y'
probes: [{name: good, kind: answers, path: good.jsonl}]
Y
blindfold run spec.yaml --out run
