. "$(dirname "$0")/lib/pool.sh"
small_pool
# Answers of every class, with probabilities, and words that JSON has to escape.
cat >rec.jsonl <<'J'
{"id": "q0", "answer": "A", "p": [0.1, 0.2, 0.3, 0.4]}
{"id": "q1", "class": "refused"}
{"id": "q2", "answer": "a \"quoted\" reply,\n\tünïcode \\ and all"}
{"id": "q3", "class": "failed"}
J
small_spec <<'Y'
conditions: [full]
probes:
  - {name: rec, kind: answers, path: rec.jsonl}
  - {name: stat, kind: builtin}
Y
blindfold run spec.yaml --out run >/dev/null 2>&1
blindfold answers export run --probe rec | sed 's/"key": "[0-9a-f]*"/KEY/'
blindfold answers export run --out a.jsonl
blindfold answers export run/ledger.db | cmp a.jsonl -
ls ./*.part 2>/dev/null || true

mkdir other
blindfold answers import other a.jsonl --new
blindfold answers export other | cmp a.jsonl - && echo "the same bytes"
blindfold answers import other a.jsonl

# Another reply under a key that is there: what is there stays.
sed 's/"text": "A"/"text": "B"/' a.jsonl >b.jsonl
blindfold answers import other b.jsonl
blindfold answers export other | cmp a.jsonl - && echo "the same bytes"

# What only import can bring: tokens, and how a reply ended.
k=0123456789abcdef0123456789abcdef
cat >c.jsonl <<J
{"key": "$k$k", "probe": "m", "sample": "s", "condition": "c", "trial": 3, "class": "unparsed", "choice": null, "choices": "AC", "number": -1.5e-07, "text": "cut", "p": [0.333333343, 1e-10], "n_in": 4294967295, "n_out": 1, "finish": "length"}

{"trial": 0, "condition": "c", "class": "right", "sample": "s", "probe": "m", "key": "${k}00000000000000000000000000000000"}
J
blindfold answers import run c.jsonl
blindfold answers export run --probe m
blindfold answers stats run
blindfold answers stats run --json
blindfold run spec.yaml --out run 2>&1 | grep answers:
