. "$(dirname "$0")/lib/pool.sh"
small_pool
: >media/p1.ppm
truncate -s 600M media/t2.csv
rm media/p3.ppm
small_spec <<'Y'
conditions: [full, blind, every_subset, {nothing: {replace: {image: drop, tactile: drop}}}]
probes: [{name: stat, kind: builtin}]
Y
blindfold check spec.yaml
blindfold run spec.yaml --out run 2>&1 | sed -n 1,4p
cat run/set_aside.jsonl
echo "-- a field that no sample has"
small_spec <<'Y'
balance: {equal: [categry]}
Y
blindfold check spec.yaml || echo "status $?"
blindfold run spec.yaml --out none || echo "status $?"
ls
