. "$(dirname "$0")/lib/pool.sh"
small_pool
# Three trials. q0 gives a letter, then p(gold) 0.2 and 0.4: their mean is 0.3. q3 gives a letter
# after 0.6: 0.6. q6's first trial was never recorded, so that it has a share (2 of 2) but no
# category, which is that of the first trial; q9 has all three.
trial() { echo "{\"id\": \"$1\", \"condition\": \"$2\", \"trial\": $3, $4}"; }
for c in full without_image without_tactile blind; do
    trial q0 $c 0 '"answer": "A"'
    trial q0 $c 1 '"p": [0.2, 0.8, 0, 0]'
    trial q0 $c 2 '"p": [0.4, 0.2, 0.2, 0.2]'
    trial q3 $c 0 '"p": [0.2, 0.1, 0.1, 0.6]'
    trial q3 $c 1 '"answer": "D"'
    trial q3 $c 2 '"class": "failed", "p": [1, 0, 0, 0]'
    trial q6 $c 1 '"answer": "C"'
    trial q6 $c 2 '"answer": "C"'
    for t in 0 1 2; do trial q9 $c $t '"answer": "B"'; done
done >three.jsonl
small_spec <<'Y'
probes: [{name: three, kind: answers, path: three.jsonl, trials: 3}]
scores: [accuracy, mis]
Y
blindfold run spec.yaml --out run >/dev/null
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
    /^(id|q0|q3|q6|q9),/ { print $1, $at["accuracy.three.blind"], substr($at["p_gold.three.blind"], 1, 6),
        $at["mis.image"], $at["mis_category"] }' run/scores.csv
