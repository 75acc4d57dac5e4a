. "$(dirname "$0")/lib/pool.sh"
small_pool
# The first two questions again, in other spelling, about copies of their pictures.
head -n 2 pool.jsonl | sed 's/"id": "\([^"]*\)"/"id": "\1_again"/; s/"question": "\([A-Z]\)/"question": "  \1/' >again
cat again >>pool.jsonl
small_spec <<'Y'
filters:
  - duplicates: {image: 6 bits, text: 0.9}
Y
blindfold run spec.yaml --out run | sed -n '/filter/,/kept/p'
grep duplicate run/verdicts.jsonl
grep duplicates run/spec.yaml
echo "-- a name that is none"
sed 's/image: 6/imag: 6/' spec.yaml >bad.yaml
blindfold check bad.yaml || echo "status $?"
sed 's/image: 6/image: 11/' spec.yaml >bad.yaml
blindfold check bad.yaml || echo "status $?"
