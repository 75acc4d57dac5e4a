. "$(dirname "$0")/lib/pool.sh"
parts_pool
small_spec <<'Y'
conditions: [full, {second: {replace: {image.2: drop}}}, {all_gone: {replace: {all: drop}}}]
Y
blindfold show spec.yaml choices
cat shown/parts.txt
find shown -type f | LC_ALL=C sort
cat shown/full/question.txt shown/second/question.txt shown/all_gone/question.txt
cmp shown/full/image.3.png shown/full/image.1.png && echo 'the choice has the picture of the question'
