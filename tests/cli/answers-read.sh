. "$(dirname "$0")/lib/pool.sh"
small_pool
# The same replies, read by three rules: a letter with another's words, a word in capitals before a
# blank, the gold letter marked, a refusal.
cat >said.jsonl <<'J'
{"id": "q0", "answer": "The answer is A."}
{"id": "q1", "answer": "NASA B"}
{"id": "q2", "answer": "Because of this I take C.\n\nAnswer: C"}
{"id": "q3", "answer": "I'm sorry, I cannot see the picture."}
J
small_spec <<'Y'
probes:
  - {name: strict, kind: answers, path: said.jsonl}
  - {name: mmmu_pro, kind: answers, path: said.jsonl, read: mmmu_pro}
  - {name: mmstar, kind: answers, path: said.jsonl, read: mmstar}
scores: [accuracy, position_bias]
Y
blindfold run spec.yaml --out run >/dev/null
grep -E '^(accuracy|accuracy_guess|unparsed_share|refused_share|position_bias|picked_share),' run/stats.csv |
    grep ',all,\|place=[ABC]' | cut -d, -f1-6 | head -40
echo "-- another rule is another probe: nothing is taken from the ledger"
sed 's/read: mmstar/read: more/' spec.yaml >more.yaml
blindfold run more.yaml --out run | grep answers:
echo "-- a rule that there is not"
sed 's/read: mmstar/read: mmstarr/' spec.yaml >odd.yaml
blindfold run odd.yaml --out odd
