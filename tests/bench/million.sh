#!/bin/sh
# million.sh ROOT BUILD: a pool of $BF_SAMPLES (1000000) questions with choices, from the first row to
# the last output of `blindfold run`, with one built-in probe of learner `linear` under `blind`, which
# sees words only. A row must show some medium: 200 questions in a row share a tiny trace. TAP.
#
# What was asked for: 10 minutes on 2 cores and 4 GB for a million. Held to that are CPU seconds, as if
# one core did it all, since the machine may be shared; fewer samples are held to as much per sample.
. "$1/tests/run/tap.sh"
rusage=$2/tests/rusage n=${BF_SAMPLES:-1000000}

# Forty templates, a fifth of them with a favourite letter; words of a choice often tell, too.
mkdir "$tmp/traces"
awk -v n="$n" -v dir="$tmp/traces" 'BEGIN {
    srand(20261121)
    m = split("ba ko ri ten mar ul ose phi dra vel sun qua net lor im est gra tho ny cal", s, " ")
    for (i = 0; i < 4000; i++) w[i] = s[1 + i % m] s[1 + int(i / m) % m] s[1 + int(i / m / m + i) % m]
    for (i = 0; i < n; i++) {
        if (i % 200 == 0) {
            trace = sprintf("%05d.csv", i / 200)
            printf "time_ms,force\n0,%d\n10,%d\n20,%d\n", i, rand() * 1000, rand() * 1000 >(dir "/" trace)
            close(dir "/" trace)
        }
        t = int(rand() * 40)
        gold = t % 5 == 0 && rand() < 0.6 ? t % 4 : int(rand() * 4)
        printf "{\"id\": \"q%07d\", \"question\": \"which of these is %s to the %s of the %s %s %s?\", \"choices\": [", i,
            w[t], w[40 + int(rand() * rand() * 3000)], w[40 + int(rand() * 3960)], w[t + 100], w[40 + int(rand() * 3960)]
        for (c = 0; c < 4; c++) {
            printf "%s\"%s", c ? ", " : "", w[int(rand() * rand() * 4000)]
            for (k = int(rand() * 4) + (c == gold && rand() < 0.2 ? 4 : 0); k > 0; k--) printf " %s", w[int(rand() * 4000)]
            printf "\""
        }
        printf "], \"answer\": \"%c\", \"category\": \"kind %d\", ", 65 + gold, int(rand() * 15)
        printf "\"media\": {\"modality\": \"tactile\", \"path\": \"traces/%s\"}}\n", trace
    }
}' >"$tmp/pool.jsonl"
cat >"$tmp/spec.yaml" <<'END'
blindfold: 1
name: million
seed: 1
target: [tactile]
pool:
  - {format: jsonl, path: pool.jsonl}
conditions: [blind]
probes:
  - {name: stat, kind: builtin, learner: linear}
filters:
  - shortcut: {probe: stat, under: blind, above: 0.5}
END
"$rusage" "$2/blindfold" run "$tmp/spec.yaml" --out "$tmp/run" >"$tmp/time" 2>"$tmp/log"
grep -q 'status 0$' "$tmp/time"
check "$n questions: $(cat "$tmp/time")"
sed 's/^/# /' "$tmp/log" | tail -n 30
du -sm "$tmp/run" "$tmp/run/ledger.db" | sed "s|$tmp/||; s/^/# MB on disk: /"
awk -v n="$n" '{ exit !($4 <= n * 600 / 1e6 && $6 <= n * 4096 / 1e6 + 64) }' "$tmp/time"
check "$n questions: at the pace of a million in 600 CPU s and 4 GB"
finish
