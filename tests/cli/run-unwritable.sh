. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec </dev/null
echo >file
blindfold run spec.yaml --out file/run
