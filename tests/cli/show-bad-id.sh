. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec </dev/null
blindfold show spec.yaml q24
