#!/bin/sh
# hostile.sh ROOT PROGRAM: files made to harm, through every modality in workers; a sample of them,
# or all with BF_HOSTILE=all, and BF_MUTATIONS seeded mutations of each of the odd files. Prints TAP.
set -u
root=$1
. "$root/tests/run/tap.sh"
. "$root/tests/media/lib.sh"
LC_ALL=C; export LC_ALL
data=${BF_SHARED:-$root/../shared}/data
if [ ! -d "$data/hostile" ] || [ ! -d "$data/odd" ]; then
    skip "hostile files" "the shared data is not here"
    finish
fi
case ${BF_HOSTILE:-} in
'') step=8 mutations=${BF_MUTATIONS:-1} ;;
all) step=1 mutations=${BF_MUTATIONS:-10} ;;
*) echo "Bail out! BF_HOSTILE is '$BF_HOSTILE'; allowed: all"; exit 99 ;;
esac
# files FOLDER: as hostile.c wants them, sorted; words about them left out.
files() {
    cd "$data/$1" && find . -type f ! -name LICENSE ! -name README ! -name '*.tsv' |
        sed 's|^\./||' | sort | awk -v "d=$data/$1" -v "g=$1" '{
            group = $0; sub("/.*", "", group)
            printf "%s\t%s/%s\n", g == "odd" ? "odd" : group, d, $0 }'
}
files hostile >"$tmp/hostile" && files odd >"$tmp/odd" || exit 99
[ "$(wc -l <"$tmp/hostile")" -ge 1300 ]; check "all hostile files are there"
program=$2
# go NAME LIST STEP [MUTATIONS]: what the program says of a list, as cases of ours.
go() {
    name=$1
    shift
    "$program" "$@" >"$tmp/out" 2>"$tmp/log"
    while read -r line; do
        case $line in
        'ok '*) true; check "$name: ${line#ok * - }" ;;
        'not ok '*) false; check "$name: ${line#not ok * - }" ;;
        '# '*) echo "$line" ;;
        esac
    done <"$tmp/out"
    grep -q '^1\.\.' "$tmp/out"; check "$name: the whole list was gone through"
}
go "hostile files" "$tmp/hostile" $step
go mutations "$tmp/odd" $((step / 4 + 1)) $mutations
finish
