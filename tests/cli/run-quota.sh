. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
balance: {size: 20, equal: [answer]}
Y
blindfold run spec.yaml --out run | grep -E 'quota|kept'
blindfold run spec.yaml --out run >/dev/null
