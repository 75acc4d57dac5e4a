#!/bin/sh
# near.sh ROOT BUILD: near-duplicate search beside faiss and datasketch, on the data of the scripts
# of $BF_SHARED/peers, one core each, by turns; the best time of each counts. TAP.
#
# $BF_PEERS_PYTHON (default python3) is a Python that has numpy, faiss-cpu and datasketch.
. "$1/tests/run/tap.sh"
near=$2/tests/bench/bench_near
python=${BF_PEERS_PYTHON:-python3}
peers=$(shared "$1")/peers
one() { OMP_NUM_THREADS=1 taskset -c "$core" "$@" 2>"$tmp/log"; }
core=$(taskset -cp $$ | sed 's/.*[ ,-]//')
field() { sed "s/.*\"$1\": \([0-9.]*\).*/\1/"; }

echo "# a million hashes, 6 bits: $(one "$near" made 1000000 6)"

if ! "$python" -c 'import faiss, numpy' 2>"$tmp/log" || [ ! -f "$peers/neardup.py" ]; then
    skip "hashes beside faiss" "no shared peers, or \$BF_PEERS_PYTHON has no faiss"
else
    # The script's hashes, and the pairs that faiss finds by comparing all.
    "$python" - "$peers/neardup.py" "$tmp" <<'PY' 2>"$tmp/log"
import sys
exec(open(sys.argv[1]).read().rsplit('\nphash(', 1)[0])
import faiss
h = hashes(100000); h.tofile(sys.argv[2] + '/hashes')
B = h.view(np.uint8).reshape(-1, 8); ix = faiss.IndexBinaryFlat(64); ix.add(B)
lim, d, i = ix.range_search(B, 7)
with open(sys.argv[2] + '/faiss', 'w') as out:
    for a in range(len(h)):
        for b in i[lim[a]:lim[a + 1]]:
            if a < b: print(a, b, file=out)
PY
    theirs=9999 ours=9999
    for _ in 1 2 3; do
        t=$(one "$python" "$peers/neardup.py" phash faiss_hash)
        o=$(one "$near" hashes "$tmp/hashes" 6 "$tmp/pairs")
        echo "# $t"
        echo "# $o"
        theirs=$(echo "$t" | field seconds | awk -v b="$theirs" '{ print $1 < b ? $1 : b }')
        ours=$(echo "$o" | field seconds | awk -v b="$ours" '{ print $1 < b ? $1 : b }')
    done
    sort "$tmp/faiss" >"$tmp/a" && sort "$tmp/pairs" >"$tmp/b" && cmp "$tmp/a" "$tmp/b" &&
        [ "$(wc -l <"$tmp/b")" = 10352 ] 2>"$tmp/log"
    check "the same 10,352 pairs of 100,000 hashes as faiss"
    awk -v t="$theirs" -v o="$ours" 'BEGIN { exit !(o < t) }'
    check "faster than faiss MultiHash: $ours s, $theirs s"
fi

if ! "$python" -c 'import datasketch' 2>"$tmp/log" || [ ! -f "$peers/neardup.py" ]; then
    skip "texts beside datasketch" "no shared peers, or \$BF_PEERS_PYTHON has no datasketch"
else
    "$python" "$peers/gen_mcq.py" "$tmp/mcq.jsonl"
    "$python" - "$tmp" <<'PY'
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1] + '/mcq.jsonl')]
open(sys.argv[1] + '/texts', 'w').writelines(r['question'] + '\n' for r in rows)
PY
    theirs=9999 ours=9999
    for _ in 1 2; do
        t=$(one "$python" "$peers/neardup.py" minhash "$tmp/mcq.jsonl")
        o=$(one "$near" chars "$tmp/texts" 0.7 "$tmp/pairs")
        echo "# $t"
        echo "# $o"
        theirs=$(echo "$t" | field total_s | awk -v b="$theirs" '{ print $1 < b ? $1 : b }')
        ours=$(echo "$o" | field total_s | awk -v b="$ours" '{ print $1 < b ? $1 : b }')
    done
    awk -v t="$theirs" -v o="$ours" 'BEGIN { exit !(o * 20 <= t) }'
    check "20 times as fast as datasketch: $ours s, $theirs s"
    for least in 0.7 0.9; do
        "$near" chars "$tmp/texts" $least "$tmp/pairs" >"$tmp/log"
        "$near" count "$tmp/texts" $least "$tmp/all" >"$tmp/log"
        sort "$tmp/pairs" >"$tmp/a" && sort "$tmp/all" >"$tmp/b"
        extra=$(comm -23 "$tmp/a" "$tmp/b" | wc -l)
        awk -v n="$(comm -12 "$tmp/a" "$tmp/b" | wc -l)" -v all="$(wc -l <"$tmp/b")" \
            -v extra="$extra" 'BEGIN { exit extra || n < 0.99 * all }'
        check "recall at $least: $(comm -12 "$tmp/a" "$tmp/b" | wc -l) of $(wc -l <"$tmp/b") pairs"
    done
fi
finish
