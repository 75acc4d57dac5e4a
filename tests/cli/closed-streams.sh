. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
emit: {}
Y
echo '{' >>pool.jsonl # something to say about it
blindfold run spec.yaml --out open >/dev/null 2>&1
# What cannot be said is said nowhere else: no message ends up in a file of the run.
blindfold run spec.yaml --out closed >/dev/null 2>&-
cmp open/ledger.db.lock closed/ledger.db.lock
blindfold run spec.yaml --out all <&- >&- 2>&- || echo "status $?"
cmp open/scores.csv all/scores.csv
cmp open/benchmark/manifest.json all/benchmark/manifest.json
blindfold check spec.yaml >&- || echo "status $?"
blindfold list >/dev/full || echo "status $?"
