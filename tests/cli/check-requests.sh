. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
Y
blindfold check spec.yaml --requests 3
blindfold check spec.yaml --requests 3 --json
blindfold check spec.yaml --out nowhere | tail -1
ls
blindfold check spec.yaml --requests 0
