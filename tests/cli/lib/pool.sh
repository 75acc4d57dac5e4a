# Sourced by cases: a pool of 24 questions over pictures and traces, small enough to read.
# Each picture has one colour, each trace one level; a third of the questions needs each of them, and
# "texture" questions have the longest choice right.

# picture FILE R G B: a flat 8x8 picture.
picture() {
    { printf 'P6 8 8 255\n'; i=0; while [ $i -lt 64 ]; do printf "\\$2\\$3\\$4"; i=$((i + 1)); done; } >"$1"
}

# trace FILE LEVEL: 40 steps of two channels.
trace() {
    { echo time_ms,ch1,ch2; i=0; while [ $i -lt 40 ]; do
        echo "$((i * 10)),$(($2 + i % 3)),$(($2 * 2))"; i=$((i + 1)); done; } >"$1"
}

small_pool() {
    mkdir -p media
    : >pool.jsonl
    n=0
    while [ $n -lt 24 ]; do
        case $((n % 4)) in
        0) picture media/p$n.ppm 377 000 000; colour=red ;;
        1) picture media/p$n.ppm 000 377 000; colour=green ;;
        2) picture media/p$n.ppm 000 000 377; colour=blue ;;
        3) picture media/p$n.ppm 377 377 000; colour=yellow ;;
        esac
        trace media/t$n.csv $((n * 5))
        case $((n % 3)) in
        0) q="Which colour has sheet $n?"; c='"red", "green", "blue", "yellow"'; cat=colour
            case $colour in red) a=A ;; green) a=B ;; blue) a=C ;; *) a=D ;; esac ;;
        1) q="How hard is press $n?"; c='"soft", "hard", "firm", "limp"'; cat=force
            a=$(printf ABCD | cut -c $((n * 7 % 4 + 1))) ;;
        2) q="What is cloth $n like?"; cat=texture
            c="\"flat $n\", \"rough all over, with $n knots\", \"wavy $n\", \"dull $n\""; a=B ;;
        esac
        echo "{\"id\": \"q$n\", \"question\": \"$q\", \"choices\": [$c], \"answer\": \"$a\"," \
            "\"category\": \"$cat\", \"licence\": \"CC0-1.0\", \"media\":" \
            "[{\"modality\": \"image\", \"path\": \"media/p$n.ppm\"}," \
            "{\"modality\": \"tactile\", \"path\": \"media/t$n.csv\"}]}" >>pool.jsonl
        n=$((n + 1))
    done
}

# small_spec: an order over it; what is on standard input is added.
small_spec() {
    { echo 'blindfold: 1'; echo 'name: small'; echo 'pool: {path: pool.jsonl}'; cat; } >spec.yaml
}
