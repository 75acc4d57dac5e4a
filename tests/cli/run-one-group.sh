. "$(dirname "$0")/lib/pool.sh"
small_pool
# One picture in all of them: no sample is left to learn from, and the run says so.
sed -i 's/media\/p[0-9]*\.ppm/media\/p0.ppm/' pool.jsonl
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
conditions: [blind]
scores: [accuracy]
Y
blindfold run spec.yaml --out run >/dev/null
cut -d, -f5 run/scores.csv | sort | uniq -c | sed 's/^ *//'
