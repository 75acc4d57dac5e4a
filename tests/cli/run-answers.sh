. "$(dirname "$0")/lib/pool.sh"
small_pool
# Two recorded models. "good" sees through all texture questions blind, "dull" never does; three
# answers are not plain: a refusal, a reply that does not read, one that never came.
n=0
while [ $n -lt 24 ]; do
    b=A; [ $((n % 3)) = 2 ] && b=B
    echo "{\"id\": \"q$n\", \"condition\": \"full\", \"answer\": \"A\"}"
    case $n in
    0) echo '{"id": "q0", "condition": "blind", "class": "refused"}' ;;
    3) echo '{"id": "q3", "condition": "blind", "answer": "I would say red or green"}' ;;
    6) echo '{"id": "q6", "condition": "blind", "class": "failed"}' ;;
    *) echo "{\"id\": \"q$n\", \"condition\": \"blind\", \"answer\": \"$b\"}" ;;
    esac
    n=$((n + 1))
done >good.jsonl
sed 's/"blind", "answer": "[AB]"/"blind", "answer": "D"/' good.jsonl >dull.jsonl
echo '{"id": "zz", "answer": "A"}' >>dull.jsonl
small_spec <<'Y'
conditions: [full, blind]
probes:
  - {name: good, kind: answers, path: good.jsonl}
  - {name: dull, kind: answers, path: dull.jsonl}
filters: [answerable: {under: blind, by: ">= 1/2"}]
Y
blindfold run spec.yaml --out run
grep -c '"verdict": "reject"' run/verdicts.jsonl
grep -E '"id": "q(2|6)"' run/verdicts.jsonl
