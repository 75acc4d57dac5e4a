# Sourced by the tests here. check NAME reports the exit status of the command before it, with
# $tmp/log as the reason; skip NAME REASON; finish.
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/log"
tap_n=0; tap_failed=0

check() {
    rc=$?
    tap_n=$((tap_n + 1))
    if [ $rc = 0 ]; then
        echo "ok $tap_n - $1"
    else
        echo "not ok $tap_n - $1"
        tail -n 20 "$tmp/log" | sed 's/^/# /'
        tap_failed=1
    fi
}

skip() {
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $1 # SKIP $2"
}

finish() {
    echo "1..$tap_n"
    exit $tap_failed
}

# Everything in a run folder that must be the same bytes: all but the ledger and run.json, which
# holds seconds and counts of what was cached.
digest() {
    (cd "$1" && find . -type f ! -name 'ledger.db*' ! -name run.json | LC_ALL=C sort |
        while read -r f; do sha256sum "$f"; done)
}

# shared ROOT: folder of the shared data, empty when there is none.
shared() {
    d=${BF_SHARED:-$1/../shared}
    [ ! -e "$d/data/pool/pool.jsonl" ] || (cd "$d" && pwd)
}

# real_spec ROOT SHARED: the spec of the real pool, with its paths made absolute.
real_spec() {
    sed "s|\.\./\.\./shared|$2|" "$1/specs/real_pool.yaml"
}

# word_pool DIR: 400 questions whose words tell some of the answers, each with a picture of its own:
# choices, yes or no, numbers and words. word_spec DIR: all that learns from them, again and again.
word_pool() {
    mkdir -p "$1" && (cd "$1" && awk 'BEGIN {
        srand(4711)
        split("oak tin clay wool", of)
        for (i = 0; i < 400; i++) {
            file = "p" i ".ppm"
            printf "P6 2 2 255\nabcabcabc%c%c%c", 33 + i % 80, 33 + int(i / 80), 40 >file
            close(file)
            printf "{\"id\": \"s%d\", \"media\": [{\"modality\": \"image\", \"path\": \"%s\"}], ", i, file
            k = int(rand() * 4); r = rand()
            if (i % 8 == 1)
                printf "\"question\": \"Is there %s in bin %d?\", \"answer\": \"%s\", \"category\": \"is\"}\n",
                    of[k + 1], i % 37, (k < 2) == (r < 0.9) ? "yes" : "no"
            else if (i % 8 == 3)
                printf "\"question\": \"How many bins of %s has row %d?\", \"answer\": %d, \"category\": \"n\"}\n",
                    of[k + 1], i % 37, r < 0.8 ? k : 9
            else if (i % 8 == 5)
                printf "\"question\": \"What is bin %d of row %d of?\", \"answer\": \"%s\", \"category\": \"of\"}\n",
                    i % 37, k, of[r < 0.8 ? k + 1 : 1]
            else
                printf "\"question\": \"Which bin of %s takes lot %d?\", \"answer\": \"%s\", \"category\": \"c\", " \
                    "\"choices\": [\"bin a%d\", \"the bin b\", \"bin c %d\", \"bin d\"]}\n",
                    of[k + 1], i % 37, substr("ABCD", r < 0.7 ? k + 1 : 2, 1), i % 5, i % 7
        }
    }' >pool.jsonl)
}

word_spec() {
    cat <<Y
blindfold: 1
name: words
seed: 11
pool: {path: $1/pool.jsonl}
conditions: [full, blind]
probes:
  - {name: stat, kind: builtin, trials: 2, folds: 4, base: prior}
  - {name: prior, kind: builtin, learner: priors, folds: 4}
scores: [accuracy, bias, v_information, leaks, repair]
filters:
  - shortcut: {probe: stat, above: 0.95}
  - ibp: {probe: prior, budget: 0.1, batch: 10}
  - aflite: {probe: stat, keep: 0.8, models: 8}
emit: {card: {license: CC0-1.0}}
Y
}
