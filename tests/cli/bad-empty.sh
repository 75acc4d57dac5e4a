. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec </dev/null
try() { echo "$ $*"; "$@" 2>&1 || echo "status $?"; }
try blindfold run spec.yaml --out ''
try blindfold run spec.yaml --out=
try blindfold show spec.yaml q1 --out ''
try blindfold run ''
try blindfold run spec.yaml --out --json
try blindfold run spec.yaml --threads 0
try blindfold run -- --json
try blindfold list --json --man
ls
