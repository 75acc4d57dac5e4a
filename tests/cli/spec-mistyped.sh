# Slips of the pen in parts, operators and options; then a part that no sample has.
. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
modalities:
  video: {sensor: 64, columns: "x q"}
  image: {black: 5, white: 5}
conditions:
  - full
  - a: {replace: {image: wite}}
  - b: {replace: {image.0: white}}
  - c: {replace: {question.1: drop}}
  - d: {replace: {question: word_shufle}}
  - e: {replace: {question: white}}
probes: [{name: stat, kind: builtin}]
Y
blindfold check spec.yaml || echo "exit status $?"
small_spec <<'Y'
conditions:
  - full
  - ninth: {replace: {image.9: white}}
  - words: {replace: {question: {words: {say: white}}}}
probes: [{name: stat, kind: builtin}]
Y
blindfold check spec.yaml
blindfold run spec.yaml --out run >run.out
