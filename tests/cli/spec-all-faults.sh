. "$(dirname "$0")/lib/pool.sh"
echo '{}' >pool.jsonl
small_spec <<'Y'
seeds: 3
seed: [1, 2]
seed: 4
conditions: [full, blind, {pale: {replace: {image: whit}}}]
probes:
  - {name: stat, kind: bultin}
  - {name: s2, kind: builtin, folds: 1}
filters:
  - shortcut: {probe: nobody, above: 2}
balance: {size: some}
Y
rc=0
blindfold run spec.yaml --out run || rc=$?
ls
exit $rc
