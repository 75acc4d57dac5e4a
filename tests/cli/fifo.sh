. "$(dirname "$0")/lib/pool.sh"
small_pool
mkfifo pipe
# Nothing waits for the other end of a FIFO: not for a spec, a pool, answers or media.
try() { echo "$ $*"; timeout 10 "$@" 2>&1 || echo "status $?"; }
try blindfold check pipe
try blindfold check /dev/null
try blindfold check media
small_spec </dev/null
sed 's/pool.jsonl/pipe/' spec.yaml >pool.yaml
try blindfold run pool.yaml
sed 's,pool.jsonl,/dev/zero,' spec.yaml >zero.yaml
try blindfold run zero.yaml
sed 's/pool.jsonl/media/' spec.yaml >folder.yaml
try blindfold run folder.yaml
small_spec <<'Y'
probes: [{name: rec, kind: answers, path: pipe}]
Y
blindfold check spec.yaml 2>&1 | sed "s,'/.*/,'.../,"
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
Y
rm media/p3.ppm && mkfifo media/p3.ppm
timeout 10 blindfold run spec.yaml --out run 2>&1 | head -n 1
ls
