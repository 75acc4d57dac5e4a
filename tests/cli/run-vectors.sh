. "$(dirname "$0")/lib/pool.sh"
small_pool
n=0
while [ $n -lt 12 ]; do
    echo "{\"id\": \"n$n\", \"question\": \"How many pegs has box $n?\", \"answer\": $((n % 2 + 3))," \
        "\"media\": [{\"modality\": \"image\", \"path\": \"media/p$n.ppm\"}]}" >>pool.jsonl
    echo "{\"id\": \"n$n\", \"embedding\": [$n, $((n % 2)), 1]}" >>v.jsonl
    n=$((n + 1))
done
while [ $n -lt 24 ]; do
    echo "{\"id\": \"q$n\", \"embedding\": [0, $n, 1]," \
        "\"embeddings\": [[1, 0], [0, 1], [1, 1], [0, 0]]}" >>v.jsonl
    n=$((n + 1))
done
small_spec <<'Y'
probes: [{name: seen, kind: builtin, embeddings: v.jsonl, embeds: [question, choices]}]
scores: [accuracy]
Y
echo "-- numbers beside vectors of choices"
blindfold run spec.yaml --out run | grep answers
echo "-- a vector too few"
sed 's/, \[0, 0\]\]/]/' v.jsonl >w && mv w v.jsonl
blindfold run spec.yaml --out other 2>&1 | cat
