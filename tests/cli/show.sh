. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
conditions: [full, without_each, blind, {pale: {replace: {image: {white: {size: original}}, question: "Look."}}}]
Y
blindfold show spec.yaml q1
cat shown/parts.txt
find shown -type f | LC_ALL=C sort
cat shown/full/question.txt shown/pale/question.txt
