. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes:
  - {name: q, kind: chat, url: "http://127.0.0.1:1/v1", model: m, trials: 5, orders: all}
  - {name: j, kind: chat, url: "http://127.0.0.1:1/v1", model: m, role: judge, under: full}
judge: {probe: q}
spend: {money: 5}
filters: [{answerable: {voters: j}}]
Y
blindfold check spec.yaml
