. "$(dirname "$0")/lib/pool.sh"
echo 'nothing' >pool.jsonl
small_spec </dev/null
blindfold run spec.yaml --out run
