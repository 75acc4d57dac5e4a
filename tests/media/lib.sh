# Sourced by the tests here, after tests/run/tap.sh.

# odd ROOT: the folder of odd files, empty when there is none.
odd() {
    d=${BF_SHARED:-$1/../shared}/data/odd
    [ ! -e "$d/odd.tsv" ] || (cd "$d" && pwd)
}

# sample ID MODALITY PATH: one row; PATH as JSON has it.
sample() {
    printf '{"id": "%s", "question": "Which?", "choices": ["x", "y"], "answer": "A", ' "$1"
    printf '"media": [{"modality": "%s", "path": "%s"}]}\n' "$2" "$3"
}

# good_picture FILE: one that is always read, so that a run is never without samples.
good_picture() {
    printf 'P5 2 2 255\nabcd' >"$1"
}

# field NAME: its text out of one line of JSON, escapes as they are.
field() {
    sed -n 's/.*"'"$1"'": "\(\([^"\\]\|\\.\)*\)".*/\1/p'
}

# What a person is told may not hold what only a programmer understands.
machine='0x[0-9a-fA-F]+|AVERROR|errno|[a-z]+_[a-z_]+\(|signal [0-9]|crashed|decoder broke|core dumped'
machine="$machine|-[0-9]{6,}|invalid data found|invalid argument|unknown error|bad masks|unknown image type"
machine="$machine|\(null\)|assert|\.c:[0-9]"

# bad_reason REASON NAME: print what is wrong with what is said of a file of that name.
bad_reason() {
    [ "${#1}" -ge 20 ] || echo "it says too little"
    [ "${#1}" -le 400 ] || echo "it is ${#1} bytes long"
    printf '%s' "${1#*"$2"}" | grep -Eiq "$machine" && echo "it speaks to a machine"
    printf '%s' "$1" | grep -q '\\[nrtu]' && echo "it is not one plain line"
    printf '%s' "$1" | grep -q '\.$' && echo "it ends with a full stop"
    n=$(printf '%s' "$1" | grep -oF -e "$2" | wc -l)
    [ "$n" = 1 ] || echo "it names the file $n times"
}
