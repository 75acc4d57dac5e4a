#!/bin/sh
# recovered.sh RECOVERED: the demo's closing table counts right, on a case worked out by hand.
# Prints TAP.
set -u
recovered=$1
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
n=0; failed=0

# check NAME, then the exit status of the command before it
check() {
    rc=$?
    n=$((n + 1))
    if [ $rc = 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; failed=1; fi
}

# Two leaking questions whose rule is right, one found; two whose rule is wrong, one rejected:
# precision 1/2, recall 1/2, and of the rule 2/4 and 1. Of two that need a picture one is
# rejected, and one is helped most by its picture (a tie is not "most").
mkdir "$tmp/pool" "$tmp/run"
{
    printf 'id\tkind\tneeds\tstrength\trule_choice\tgold\trule_right\n'
    printf 'a\tleak_word\timage\t0.6\tA\tA\t1\nb\tleak_word\timage\t0.6\tA\tA\t1\n'
    printf 'c\tleak_word\timage\t0.6\tA\tB\t0\nd\tleak_word\timage\t0.6\tA\tB\t0\n'
    printf 'e\tneed_image\timage\t-\t-\tA\t-\nf\tneed_image\timage\t-\t-\tA\t-\n'
} >"$tmp/pool/truth.tsv"
for id in a b c d e f; do
    echo "{\"id\": \"$id\", \"category\": \"colour\"}"
done >"$tmp/pool/pool.jsonl"
{
    echo '{"id": "a", "verdict": "reject", "filter": "shortcut", "contribution": {}}'
    echo '{"id": "b", "verdict": "keep", "filter": null, "contribution": {}}'
    echo '{"id": "c", "verdict": "reject", "filter": "shortcut", "contribution": {}}'
    echo '{"id": "d", "verdict": "undecided", "filter": null, "contribution": {}}'
    echo '{"id": "e", "verdict": "reject", "filter": "shortcut", "contribution": {"image": 0.2, "audio": 0.1}}'
    echo '{"id": "f", "verdict": "keep", "filter": null, "contribution": {"image": 0.2, "audio": 0.2}}'
} >"$tmp/run/verdicts.jsonl"

out=$("$recovered" "$tmp/pool" "$tmp/run"); check "it reports without judging"
echo "$out" | grep -qE '^  leak_word +0\.6 +4 +2 +2 +0\.50 +0\.50 +0\.50 +1\.00$'
check "precision and recall stand beside those of the rule"
# Wilson, 1 of 2: (0.5 + 0.9604 -+ 1.96 sqrt(0.125 + 0.2401)) / 2.9207 = 0.0945, 0.9055
echo "$out" | grep -qE '^  need_image +1 of +2 +50\.0 % +\(95 %: 9\.5 to 90\.5\)$'
check "rejected questions that need media carry an interval"
echo "$out" | grep -qE '^  image +1 of +2 +50\.0 %.* : colour 50 %$'
check "a tie is not the largest contribution"
"$recovered" --check "$tmp/pool" "$tmp/run" >/dev/null; [ $? = 1 ]; check "--check says no"
sed -i.bak '/"b"/d' "$tmp/run/verdicts.jsonl"
[ "$("$recovered" "$tmp/pool" "$tmp/run" 2>&1)" = "recovered: the run has no verdict on 'b'" ]
check "a question without verdict is named"
echo "1..$n"
exit $failed
