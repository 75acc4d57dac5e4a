. "$(dirname "$0")/lib/pool.sh"
echo '{}' >pool.jsonl
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
filters: [shortcut: {probe: stats}]
Y
blindfold check spec.yaml
