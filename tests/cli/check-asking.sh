. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes:
  - {name: stat, kind: builtin}
  - {name: qwen7b, kind: chat, url: "http://127.0.0.1:1/v1", model: qwen/q, trials: 10}
  - {name: gpt, kind: chat, url: "http://127.0.0.1:1/v1", model: gpt-4o-mini, role: held_out,
     trials: 3, under: [full, blind]}
  - {name: same, kind: chat, url: "http://127.0.0.1:1/v1", model: gpt-4o-mini, role: judge}
judge: {probe: same}
prices: {gpt-4o-mini: {input: 0, output: 0}}
spend: {requests: 10000, tokens: 2e6}
scores: [accuracy, contribution]
filters: [{answerable: {voters: qwen7b}}]
balance: {size: 4, prefer: {contribution: target}}
Y
# Tokens are left out: how they are counted is tested elsewhere.
blindfold check spec.yaml | sed -n '/^  probe/,$p' |
    sed 's/^\(  [a-z0-9]* *\(([a-z]*)\)\{0,1\} *\(at most\|at least\|all\) *[0-9,]*\) *[0-9,]* *[0-9,]*/\1/'
blindfold check spec.yaml --json | sed 's/"tokens_[a-z]*": [0-9]*, //g; s/.*"asked": //'
# What would be sent, without its words.
blindfold check spec.yaml --requests 1 | grep -E '^#|"model"|base64' |
    sed 's/base64,.*/base64,.../'
ls
