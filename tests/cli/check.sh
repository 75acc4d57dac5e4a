. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
Y
blindfold check spec.yaml
blindfold check spec.yaml --json
