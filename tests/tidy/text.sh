#!/bin/sh
# text.sh ROOT: what holds for our text whatever it does.
cd "$1" || exit 99
. tests/tidy/tap.sh

report "no file over 700 lines" "$(c_files | while read -r f; do
    n=$(wc -l <"$f")
    [ "$n" -le 700 ] || echo "$f: $n lines"
done)"
report "no line over 100 columns" "$(c_files | xargs awk '
    { s = $0; gsub(/[\200-\277]/, "", s) } # count characters, not bytes
    length(s) > 100 { print FILENAME ":" FNR ": " length(s) " columns" }')"
report "no tabs, no spaces at the end of a line" \
    "$(c_files | xargs grep -nE "$(printf '\t')|[ $(printf '\r')]\$" /dev/null)"

# Patterns are written so that they do not find themselves.
# calls NAMES: an extended regular expression for a call of one of them.
calls() { echo "(^|[^A-Za-z0-9_])($1) *\("; }
unsafe='sprintf|vsprintf|strcpy|strcat|strtok|atoi|atol|atof|gets|system|popen|alloca|setjmp|longjmp'
report "no function that cannot be used safely" \
    "$(c_files | xargs grep -nE "$(calls "$unsafe")" /dev/null)"
report "the library neither prints, exits nor reads the environment" \
    "$(c_files core specs ingest modalities probe score filters emit review | xargs grep -nE \
        "$(calls 'printf|puts|putchar|perror|exit|abort|getenv|secure_getenv')|[^a-z_]std(out|err)[^a-z_]" \
        /dev/null)"

ours=$(find . -path ./subprojects/yyjson -prune -o -path './build*' -prune -o -path ./.git -prune \
    -o -path ./runs -prune -o -type f ! -name LICENSE -print | sort)
report "no path of somebody's machine" \
    "$(printf '%s\n' "$ours" | xargs grep -nIE '/([h]ome|[r]oot|[U]sers|[w]ork)/[a-z]' /dev/null)"
report "no host of a package registry" "$(printf '%s\n' "$ours" |
    xargs grep -nIE '[p]ypi\.|[r]egistry\.npm|[p]roxy\.golang|[d]eb\.debian|[c]rates\.io' /dev/null)"
report "no note of work left undone" "$(c_files | xargs grep -nwE 'TO[D]O|FIX[M]E|X[X]X' /dev/null)"
finish
