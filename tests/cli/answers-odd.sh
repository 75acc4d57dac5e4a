. "$(dirname "$0")/lib/pool.sh"
small_pool
small_spec <<'Y'
probes: [{name: rec, kind: answers, path: a.jsonl}]
Y
# try WHAT TEXT: what is said of a file of recorded answers, and what is taken from it.
try() {
    echo "-- $1"
    printf "$2" >a.jsonl
    rm -rf run
    blindfold run spec.yaml --out run >out 2>err || echo "status $?"
    cat err
    grep answers: out || :
}
try 'a mark and line ends of another system' '\357\273\277{"id": "q0", "answer": "A"}\r\n\r\n{"id": "q1", "answer": "b."}\r\n'
try 'a list for an answer' '{"id": "q0", "answer": ["A"]}\n'
try 'no answer' '{"id": "q0", "answer": null}\n'
try 'names that the run does not have' '{"id": "q0", "condition": "bilnd", "answer": "A"}\n{"id": "zz", "answer": "A"}\n'
try 'two for one question' '{"id": "q0", "answer": "A"}\n{"id": "q0", "answer": "B"}\n'
try 'probabilities of other choices' '{"id": "q0", "p": [0.5, 0.5]}\n'
try 'no probability' '{"id": "q0", "p": [2, 0, 0, 0]}\n'
try 'nothing' ''
