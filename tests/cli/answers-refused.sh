# complain WORDS...: what is refused, with its status; nothing is made or changed.
complain() {
    status=0
    blindfold answers "$@" >out 2>&1 || status=$?
    echo "$* -> $status: $(head -n 1 out | sed 's/not JSON: .*/not JSON/')"
}
mkdir empty
complain export empty
complain export none.db
complain stats empty
complain import empty x.jsonl
complain import empty x.jsonl --new
complain imporl empty
complain export
complain import empty
complain export empty x.jsonl
complain export empty --new
complain stats empty --probe x
find . -type f | grep -v out || true
echo text >not.db
complain stats not.db
k=0123456789abcdef0123456789abcdef
good='"key": "'$k$k'", "probe": "p", "sample": "s", "condition": "c", "trial": 0, "class": "right"'
echo "{$good}" >good.jsonl
blindfold answers import l.db good.jsonl --new
complain import l.db good.jsonl --new
complain export l.db --probe q
complain export l.db --out no/such/file

# Each of these after a good line: the message has file and line, and nothing is imported.
line() {
    { echo "{$good}" | sed 's/"key": "0/"key": "f/'; echo "$1"; } >bad.jsonl
    complain import l.db bad.jsonl
}
line 'x'
line '[]'
line "{$good, \"p\": [2]}"
line "{$good, \"p\": 1}"
line "{$good, \"choice\": \"AB\"}"
line "{$good, \"choice\": \"a\"}"
line "{$good, \"choices\": \"\"}"
line "{$good, \"choice\": 1}"
line "{$good, \"text\": 1}"
line "{$good, \"n_in\": -1}"
line "{$good, \"n_out\": 4294967296}"
line "{$good, \"n_in\": 1.5}"
line "{$good, \"number\": \"1\"}"
line "{$good, \"finish\": \"stop\"}"
line "{$good, \"chioce\": \"A\"}"
line "{$good, \"probe\": \"q\"}"
line '{}'
line "{\"key\": \"$k\"}"
line "{\"key\": \"$k$k\"}"
line "{\"key\": \"$k$k\", \"probe\": 1}"
line "{\"key\": \"$k$k\", \"probe\": \"p\", \"sample\": \"\"}"
line "{\"key\": \"$k$k\", \"probe\": \"p\", \"sample\": \"s\", \"condition\": \"c\"}"
line "{\"key\": \"$k$k\", \"probe\": \"p\", \"sample\": \"s\", \"condition\": \"c\", \"trial\": 0}"
line "{\"key\": \"$k$k\", \"probe\": \"p\", \"sample\": \"s\", \"condition\": \"c\", \"trial\": 0, \"class\": \"Right\"}"
printf '{"key": "\377"}\n' >bad.jsonl
complain import l.db bad.jsonl
blindfold answers export l.db
