. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
conditions:
  - full
  - other: {replace: {image: {swap: {of: other_answer}}, question: swap}}
  - dim: {replace: {image: grayscale, tactile: swap}}
Y
blindfold show spec.yaml q1
grep -q 'press 1?' shown/other/question.txt || echo another question
cmp -s shown/full/image.1.png shown/other/image.1.png || echo another picture
cmp -s shown/full/tactile.1.png shown/other/tactile.1.png && echo the same trace
cmp -s shown/full/tactile.1.png shown/dim/tactile.1.png || echo another trace
