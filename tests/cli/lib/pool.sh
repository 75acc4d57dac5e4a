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

# parts_pool: questions with several pictures, pictures as choices, and markers that name them; the
# last two rows name a picture that is not there, and have one choice twice.
parts_pool() {
    mkdir -p media
    picture media/red.ppm 377 000 000
    picture media/green.ppm 000 377 000
    picture media/blue.ppm 000 000 377
    cp media/red.ppm media/same.ppm
    trace media/press.csv 3
    cat >pool.jsonl <<'E'
{"id": "choices", "question": "Which is the colour of <image 1>?", "media": {"image": "media/red.ppm"}, "choices": [{"image": "media/green.ppm"}, {"text": "this", "image": "media/same.ppm"}, "neither"], "answer": "B", "category": "a"}
{"id": "named", "question": "Is <image 2> or <image 1> like the press?", "image": ["media/green.ppm", "media/blue.ppm"], "tactile": "media/press.csv", "choices": ["<image 1>", "<image 2>"], "answer": "<image 2>", "category": "b"}
{"id": "several", "question": "How many are green?", "media": [{"modality": "image", "path": ["media/red.ppm", "media/green.ppm"]}], "answer": 1, "category": "c"}
{"id": "lost", "question": "What is in <image 3>?", "image": ["media/red.ppm"], "answer": "red", "category": "c"}
{"id": "twins", "question": "Which one?", "choices": [{"image": "media/red.ppm"}, {"image": "media/same.ppm"}], "answer": "A", "category": "a"}
E
}
