. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
filters: [shortcut: {probe: stat, under: blind, above: 0.5}]
scores: [accuracy, leaks, repair]
emit: {card: {license: cc0-1.0}}
Y
blindfold run spec.yaml --out run --threads 2 | grep -A 2 'leaks in'
echo "-- a leak a line, with the samples that it touches"
cut -d , -f 1-8 run/leaks.jsonl
grep -o '"given_away".*' run/leaks.jsonl
echo "-- beside each sample"
head -1 run/scores.csv | grep -o 'leaks.*'
grep '^q[12],' run/scores.csv | grep -o 'letter_b.*category=texture'
grep -c '^leak\.' run/stats.csv
echo "-- repair says what it would save"
blindfold run spec.yaml --out run --json | grep -o '"repair": "of [0-9]* questions above 0.5'
cut -d , -f 1 run/stats.csv | grep '^repair' | sort -u
echo "-- none of it is published"
grep -c leak run/benchmark/*.* || true
echo "-- and it is gone when nobody asks for it"
sed -i 's/^scores: .*/scores: [accuracy]/' spec.yaml
blindfold run spec.yaml --out run >second
grep -c leak second || true
test -e run/leaks.jsonl || echo no leaks.jsonl
