. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
scores: [accuracy]
balance: {size: 8, equal: [category], prefer: {contribution: target}}
Y
blindfold run spec.yaml --out run
