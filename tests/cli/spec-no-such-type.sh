. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
filters: [ibp: {probe: stat, budget: 0.1, type: categry}]
Y
blindfold run spec.yaml --out run
