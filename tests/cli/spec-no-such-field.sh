. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
balance: {size: 8, equal: [categry]}
Y
blindfold run spec.yaml --out run
