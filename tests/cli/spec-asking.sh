. "$(dirname "$0")/lib/pool.sh"
small_pool
# What is wrong with who is asked, and for how much, is said at once.
small_spec <<'Y'
probes:
  - {name: stat, kind: builtin, orders: shuffled, under: [full, blnd]}
  - {name: seen, kind: builtin, role: judge}
ask: enogh
prices:
  gpt-4o-mini: {input: 0.15, ouput: 0.6}
  qwen: 3
spend: {requests: -1, money: much}
judge: {probe: stat, labels: labels.jsonl}
Y
rc=0
blindfold run spec.yaml --out run || rc=$?
# And what is right is written back, with what was not said.
small_spec <<'Y'
probes: [{name: stat, kind: builtin, under: [blind, without_image]}]
prices: {gpt-4o-mini: {input: 0.15, output: 0.6}}
spend: {requests: 10000, tokens: 2e6}
filters: [answerable]
Y
blindfold run spec.yaml --out run >/dev/null
sed -n '/^probes:/,/^scores/p' run/spec.yaml
exit $rc
