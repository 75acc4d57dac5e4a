. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
modalities: {target: {carrier: raster}, all: {carrier: wave}, auto: {carrier: trace}}
target: ""
conditions: []
probes: {}
balance: []
Y
blindfold check spec.yaml || echo "status $?"
small_spec <<'Y'
conditions: [{a: {replace: {}}}]
Y
blindfold check spec.yaml || echo "status $?"
small_spec <<'Y'
filters: [answerable, where: {score: contribution.image, keep: "> 0"}]
Y
blindfold check spec.yaml || echo "status $?"
