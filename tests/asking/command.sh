#!/bin/sh
# command.sh ROOT BUILD: programs that the probe `command` asks: those that answer, and those that
# die, stall and write nonsense. Prints TAP.
set -u
. "$1/tests/run/tap.sh"
. "$1/tests/asking/lib.sh"
cd "$tmp" || exit 99
child=$asking/child
pool 12

try "$child" && right 12; check "every question is answered"
grep -q 'child is ready' run/own.log; check "what it says is in a log"
try "$child" && ask && grep -q '0 new, 12 from the ledger' "$tmp/log"
check "a second run asks nothing"
try "$child reverse" && right 12; check "answers come in any order"
try "$child p" "orders: circular" && right 12
check "probabilities alone are an answer"
try "$child" "orders: circular, trials: 3" && right 12 && grep -q "36 new" "$tmp/log"
check "choices are shown and read in their order"
try "$child log seen" "concurrency: 1, orders: fixed" && right 12; check "one at a time"
sed 's/"id":[0-9]*/"id":N/; s/ *"data":"[^"]*"//' seen | head -n 1 >first
grep -q '^{"id":N,"prompt":".*","question":"Number 0, please?","choices":\["left 0","right 0","far 0"\],"task":"choice","trial":0,"media":\[\]}$' first
check "a question's line holds prompt, question, choices, task, trial and media"

under=full
try "$child log seen" && grep -q '"media":\[{"part":"image.1","modality":"image","mime":"image/png","data":"iVBOR' seen
check "pictures are shown"
try "$child log seen" "takes: [audio, wave]"
grep -q "probe 'own': 12 questions show what it does not take, the first image: left unmeasured" "$tmp/log" &&
    [ ! -e seen ]
check "what the program does not take is not shown"
under=blind
try "$child once unfinished" "restarts: 0" && right 12
check "a program that answers one question is started for each"
try "$child log seen die 'Number 3,'" && right 11
check "a question that ends the program costs that question"
[ "$(grep -c 'Number 3,' seen)" = 2 ] && [ "$(sort -u seen | grep -vc 'Number 3,')" = 11 ]
check "it was asked twice"
try "$child stall 'Number 7,'" "timeout: 500 ms" && right 11
check "a question that stalls the program costs that question"
try "$child fail 'Number 5,'" && right 11
check "a question may be given up"
ask && grep -q '0 new, 11 from' "$tmp/log"
check "what failed is asked again by another run"

try 'read -r q; exec <&-; id=${q#*:}; echo "{\"id\": ${id%%,*}, \"reply\": \"B\"}"; sleep 1' \
    "concurrency: 1, orders: fixed"
right 12; check "a program that closes its input is started again"
try "exec <&-; sleep 0.2" "restarts: 2"
[ $? = 1 ] && grep -q "^blindfold: probe 'own': its command ended, status 0, 3 times without an answer" "$tmp/log"
check "one that never reads is not started for ever"
try "no_such_program"
said 1 "blindfold: probe 'own': its command ended, status 127: 'sh: 1: no_such_program: not found', 4 times without an answer" ||
    grep -q "probe 'own': its command ended, status 127: '.*no_such_program.*', 4 times without" "$tmp/log"
check "a program that is not there"
try "$child die please" "restarts: 0"
said 1 "blindfold: probe 'own': its command ended, status 5: 'cannot bear please', 1 time without an answer"
check "a program that always dies"
try 'kill -9 $$' "restarts: 1"
said 1 "blindfold: probe 'own': its command ended, signal 9, 2 times without an answer"
check "a program that is killed"
try "$child stall please" "timeout: 300 ms, restarts: 1"
said 1 "blindfold: probe 'own': its command said nothing for 0.3 s, 2 times without an answer"
check "a program that always stalls"
try "$child say Loading..."
said 1 "blindfold: probe 'own': line 1 of its command, 'Loading...': not JSON: unexpected character, expected a valid root value at byte 1"
check "a line that is no JSON"
try "$child say '{\"id\": 1, \"reply\": \"B\\u0000\\ud800\"}' once" "concurrency: 1"
grep -q "line 1 of its command, .* 'id' 1 is not among" "$tmp/log"; check "a reply with half a character is a reply"
try "$child say '[1]'"
said 1 "blindfold: probe 'own': line 1 of its command, '[1]': it is a list; allowed: a JSON object"
check "a line that is no object"
try "$child say '{\"id\": 77}'"
said 1 "blindfold: probe 'own': line 1 of its command, '{\"id\": 77}': 'id' 77 is not among the questions that wait for an answer"
check "an answer to nothing"
try "$child say '{\"id\": 1}'" "concurrency: 1"
said 1 "blindfold: probe 'own': line 1 of its command, '{\"id\": 1}': 'reply' is missing"
check "an answer without a reply"
try "$child say '{\"id\": 1, \"p\": [0.5, 0.1, 0.1]}'" "concurrency: 1"
said 1 "blindfold: probe 'own': line 1 of its command, '{\"id\": 1, \"p\": [0.5, 0.1, 0.1]}': 'p' sums to 0.7; allowed: 1"
check "probabilities that are none"
try "yes | tr -d '\\n'"
said 1 "blindfold: probe 'own': line 1 of its command is over 16 MiB"
check "a line without an end"
try "  "
said 2 "spec.yaml:6:5: 'command' is ''; allowed: a line for /bin/sh"
check "no command"

own "$child log seen" && echo 'spend: {requests: 5}' >>spec.yaml && rm -rf run seen; ask
said 1 "blindfold: probe 'own': spend limit of 5 requests reached; raise 'spend' and run again to go on" &&
    [ "$(wc -l <seen)" = 5 ]
check "no more is asked than may be spent"

pool 60
own "echo \$\$ >pid; exec $child log seen nap 50" "concurrency: 4"
rm -rf run seen
"$BF" run spec.yaml --out run >"$tmp/log" 2>&1 &
until_lines seen 8; kill -INT $!; wait $!
[ $? = 1 ] && gone pid; check "a run that is stopped ends the program"
[ "$(wc -l <seen)" -lt 60 ]; check "it asks no more"
ask && right 60 && [ "$(wc -l <seen)" = 60 ]; check "what was asked before is not asked again"

rm -rf run seen
"$BF" run spec.yaml --out run >"$tmp/log" 2>&1 &
until_lines seen 8; kill -KILL $!; wait $! 2>/dev/null
gone pid; check "a run that is killed ends the program"
ask && right 60 && [ "$(wc -l <seen)" -le 64 ]; check "a kill costs no more than was in flight"

pool 3
try "sleep 600 & echo \$! >pid; exec $child deaf" && right 3 && gone pid
check "a program that will not end, and what it started, is ended"
finish
