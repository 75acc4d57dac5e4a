#!/bin/sh
# make_pool.sh MAKE_POOL: the made pool has the bytes, the counts and the even spreads that the
# demo's claims rest on. Prints TAP.
set -u
make_pool=$1
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
LC_ALL=C; export LC_ALL
n=0; failed=0

# check NAME WANT GOT
check() {
    n=$((n + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        printf '%s\n' "want: $2" "got:  $3" | sed 's/^/# /'
        failed=1
    fi
}

digest() {
    sum=$(command -v sha256sum || echo "shasum -a 256")
    (cd "$1" && find . -type f | sort | xargs $sum | $sum | cut -c 1-64)
}

"$make_pool" "$tmp/a" >/dev/null && "$make_pool" "$tmp/b" >/dev/null || exit 99
check "two runs give the same bytes" "$(digest "$tmp/a")" "$(digest "$tmp/b")"
check "the bytes are those of every other machine" \
    69fa823ae15ace90336140fbc4f9362a786435c229ed36033bd3a8ab7cd81696 "$(digest "$tmp/a")"

# One row a question: id kind needs strength rule gold right | question | choices | media.
sed 's/^{"id": "\([^"]*\)".*"question": "\(.*\)", "choices": \["\(.*\)"\], "answer": "\(.\)", "category": "\([^"]*\)", "media": \[\(.*\)\], "licence.*/\1	\2	\3	\4	\5	\6/
     s/", "/|/g; s/{"modality": "//g; s/|path": "/=/g; s/"path": "/=/g; s/", *=/=/g; s/"}, /|/g; s/"}//g' \
    "$tmp/a/pool.jsonl" >"$tmp/pool"
sed 1d "$tmp/a/truth.tsv" >"$tmp/truth"
awk -F'\t' -v OFS='\t' 'NR == FNR { t[$1] = $0; next } { print t[$1], $2, $3, $4, $5, $6 }' \
    "$tmp/truth" "$tmp/pool" >"$tmp/all"
# Fields of $tmp/all: 1 id 2 kind 3 needs 4 strength 5 rule 6 gold 7 right 8 question 9 choices
# 10 answer 11 category 12 media

check "2000 questions, 2000 ids, 500 media" "2000 2000 500 500" \
    "$(wc -l <"$tmp/all" | tr -d ' ') $(cut -f1 "$tmp/all" | sort -u | wc -l | tr -d ' ') $(
    find "$tmp/a/media" -type f | wc -l | tr -d ' ') $(
    cut -f12 "$tmp/all" | tr '|' '\n' | sort -u | wc -l | tr -d ' ')"
check "kinds have their counts" \
    "leak_frame 120 leak_letter 120 leak_longest 120 leak_prior 120 leak_word 120 need_audio 300 need_image 300 need_tactile 300 need_two 200 need_video 300" \
    "$(cut -f2 "$tmp/all" | sort | uniq -c | awk '{ printf "%s%s %s", s, $2, $1; s = " " }')"
check "the pool's answer is the truth's" 0 "$(awk -F'\t' '$6 != $10' "$tmp/all" | wc -l | tr -d ' ')"
check "rules are right at their rates in each kind" "15 rates as stated" \
    "$(awk -F'\t' '$5 != "-" { n[$2 " " $4]++; r[$2 " " $4] += $7 }
        END { for (k in n) { split(k, p, " "); if (n[k] == 40 && r[k] == 40 * p[2]) good++ }
              print good, "rates as stated" }' "$tmp/all")"
check "right means that rule and gold agree" 0 \
    "$(awk -F'\t' '$5 != "-" && ($5 == $6) != $7' "$tmp/all" | wc -l | tr -d ' ')"
check "each leak has a category of its own" "5 categories, 5 kinds" \
    "$(awk -F'\t' '$5 != "-" { c[$11 " " $2]; k[$11] } $5 == "-" { other[$11] }
        END { for (i in c) n++; for (i in k) { m++; if (i in other) m += 100 }
              print m " categories, " n " kinds" }' "$tmp/all")"
check "every question shows two senses, the needed one among them" 0 \
    "$(awk -F'\t' '{ n = split($12, m, "|"); bad = n != 2; k = split($3, need, "+")
          for (i = 1; i <= k; i++) if (index("|" $12, "|" need[i] "=") == 0) bad = 1
          if (bad) print }' "$tmp/all" | wc -l | tr -d ' ')"
check "beside a needed sense each other one stands about equally often" "12 pairs, 99 to 102" \
    "$(awk -F'\t' '$2 ~ /^need_/ && $2 != "need_two" { split($12, m, "|")
          for (i in m) { sub(/=.*/, "", m[i]); if (m[i] != $3) c[$3 m[i]]++ } }
        END { lo = 999; for (i in c) { n++; if (c[i] < lo) lo = c[i]; if (c[i] > hi) hi = c[i] }
              print n " pairs, " lo " to " hi }' "$tmp/all")"
check "golden letters of questions that need media are even" "300 to 300" \
    "$(awk -F'\t' '$2 ~ /^need_/ && $2 != "need_two" { c[$6]++ }
        END { lo = 999; for (i in c) { if (c[i] < lo) lo = c[i]; if (c[i] > hi) hi = c[i] }
              print lo " to " hi }' "$tmp/all")"
check "golden values of one attribute differ by at most one" 0 \
    "$(awk -F'\t' '$2 ~ /^need_/ && $2 != "need_two" {
            split($9, v, "|"); c[$11 SUBSEP v[index("ABCD", $6)]]++ }
        END { for (i in c) { split(i, p, SUBSEP)
                  if (!(p[1] in lo) || c[i] < lo[p[1]]) lo[p[1]] = c[i]
                  if (c[i] > hi[p[1]]) hi[p[1]] = c[i] }
              for (a in lo) if (hi[a] - lo[a] > 1) print a }' "$tmp/all" | wc -l | tr -d ' ')"
check "letters are even where the letter is not the leak" 0 \
    "$(awk -F'\t' '$5 != "-" && $2 != "leak_letter" { c[$2 $6]++ }
        END { for (i in c) if (c[i] != 30) print i }' "$tmp/all" | wc -l | tr -d ' ')"
check "the rules name the choice that they should" 0 \
    "$(awk -F'\t' '$5 == "-" { next }
        { split($9, v, "|"); rule = v[index("ABCD", $5)]; bad = 0
          if ($2 == "leak_letter") bad = $5 != "C"
          if ($2 == "leak_prior") bad = rule != "bricks"
          if ($2 == "leak_word") bad = index($8, rule) == 0
          if ($2 == "leak_longest")
              for (i in v) if (v[i] != rule && length(v[i]) >= length(rule)) bad = 1
          if (bad) print }' "$tmp/all" | wc -l | tr -d ' ')"
check "no word of a choice stands in a question elsewhere" 0 \
    "$(awk -F'\t' '$2 == "leak_word" { next }
        { q = " " tolower($8) " "; c = tolower($9); gsub(/[^a-z0-9]+/, " ", q)
          gsub(/[^a-z0-9]+/, " ", c); n = split(c, w, " ")
          for (i = 1; i <= n; i++) if (index(q, " " w[i] " ")) { print; break } }' "$tmp/all" |
        wc -l | tr -d ' ')"
check "no two questions have the same words and the same set of choices" 0 \
    "$(awk -F'\t' '{ n = split($9, v, "|"); s = ""
          for (i = 1; i <= n; i++) { k = 1; for (j = 1; j <= n; j++) k += v[j] < v[i]; o[k] = v[i] }
          for (i = 1; i <= n; i++) s = s "|" o[i]
          print $8 s }' "$tmp/all" | sort | uniq -d | wc -l | tr -d ' ')"
check "file names say nothing" 500 \
    "$(ls "$tmp/a/media" | grep -cE '^[0-9a-f]{16}\.(png|wav|avi|csv)$')"
echo "1..$n"
exit $failed
