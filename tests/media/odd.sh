#!/bin/sh
# odd.sh ROOT BUILD: each of the odd files of the shared data, alone in a pool, ends as its row of
# odd.tsv says, and what is said of those that do not come in is for people. Prints TAP, a case a
# file and modality.
set -u
root=$1 build=$2
. "$root/tests/run/tap.sh"
. "$root/tests/media/lib.sh"
LC_ALL=C; export LC_ALL

data=$(odd "$root")
if [ -z "$data" ]; then
    skip "odd files" "the shared data is not here"
    finish
fi
cd "$tmp" && ln -s "$data" odd && good_picture good.pgm || exit 99
cat >spec.yaml <<'Y'
blindfold: 1
name: odd
pool: {path: pool.jsonl}
probes: []
conditions: [full]
Y

# modalities FILE: as what it is read.
modalities() {
    case $1 in
    anim/*) echo image video ;;
    damaged/*.png | damaged/*.jpg | png/* | exif/* | jpeg/* | webp/* | tiff/* | bmp/*) echo image ;;
    damaged/*.flac | damaged/*.wav | flac/* | wav/* | audio/* | names/*) echo audio ;;
    damaged/*.mp4 | video/*) echo video ;;
    damaged/*.csv | tactile/*) echo tactile ;;
    esac
}

# read_one MODALITY FILE: sets `end` (read, damaged, unreadable), `reason` and `warning`.
read_one() {
    rm -rf run shown
    { sample it "$1" "odd/$2"; sample good image good.pgm; } >pool.jsonl
    end='' reason='' warning=''
    "$build/blindfold" run spec.yaml --out run --threads 1 --json >json 2>log || return 1
    end=$(grep '"id": "it"' run/set_aside.jsonl | field status)
    reason=$(grep '"id": "it"' run/set_aside.jsonl | field reason)
    [ -z "$end" ] || return 0
    end=read
    "$build/blindfold" show spec.yaml it --out shown >>log 2>&1 || return 1
    warning=$(sed -n 's/.*\tread by [^\t]*\t\{0,1\}//p' shown/parts.txt)
    # The summary counts it exactly when there is something to say.
    [ "$(grep -o '"warned": [0-9]*' json)" = "\"warned\": $([ -n "$warning" ] && echo 1 || echo 0)" ]
}

# ends_as WANTED: print what is wrong with how it ended.
ends_as() {
    said=$([ $end = damaged ] || [ -n "$warning" ] && echo yes)
    case $1 in
    decodes | reads) ok=$end:read ;;
    "decodes; NaN handled or reported") ok=$end:read ;;
    "reads; NaN reported") ok=$end$said:readyes ;;
    "refused with a clear message" | "refused clearly") ok=$end:unreadable ;;
    "may be refused with a clear message") ok=$end:$end ;;
    "decodes, or refused with a clear message" | \
        "reads, or refused with a clear message" | \
        "reads if the separator is set, else refused clearly" | \
        "decodes to nothing, or refused with a clear message")
        ok=$end:$end
        [ $end != damaged ] || ok=$end:whole
        ;;
    "refused, or decoded with a warning" | \
        "decoded with a warning, or refused" | \
        "depends on where moov lies: decoded in part with a warning, or refused")
        ok=$end:$end
        [ $end = unreadable ] || [ -n "$said" ] || ok=$end:warned
        ;;
    "refused or reported with the line number")
        ok=$(printf '%s%s' "$reason" "$warning" | grep -c 'line [0-9]'):1
        ;;
    *) ok="$1:known" ;;
    esac
    [ "${ok%%:*}" = "${ok#*:}" ] || echo "ends '$end' $reason$warning; wanted: $1"
}

n_files=0
while IFS="$(printf '\t')" read -r file what wanted; do
    [ "$file" != path ] || continue
    n_files=$((n_files + 1))
    ways=$(modalities "$file")
    [ -n "$ways" ] || { echo "no modality for '$file'" >log; false; check "$file"; }
    for modality in $ways; do
        if read_one "$modality" "$file"; then
            {
                ends_as "$wanted"
                [ $end = read ] || bad_reason "$reason" "odd/$file"
                printf '%s' "$warning" | grep -Eiq "$machine" && echo "a warning for machines: $warning"
            } >log
            [ ! -s log ] || echo "said: $reason$warning" >>log
        else
            echo "the run or show failed" >>log
        fi
        [ ! -s log ]
        check "$modality $file: $end${warning:+, warned}"
    done
done <"$data/odd.tsv"
[ $n_files = 107 ]
check "all 107 files were looked at"
finish
