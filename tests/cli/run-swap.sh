. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
conditions:
  - full
  - blind
  - other: {replace: {image: swap, tactile: {swap: {of: other_answer}}}}
  - lender: {replace: {image: {swap: {of: same_answer}}}}
  - asked: {replace: {question: swap}}
  - mixed: {replace: {question: word_shuffle}, severity: [0.5, 1]}
probes: [{name: stat, kind: builtin}]
Y
blindfold run spec.yaml --out run --threads 2 >/dev/null
head -n 1 run/scores.csv | tr , '\n' | grep '^accuracy'
blindfold run spec.yaml --out run | sed -n 1,3p
