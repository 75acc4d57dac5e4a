# Samples with 1 to 6 of seven modalities, three of them declared: each is asked under exactly the
# subsets of what it has. A sample with all seven is set aside.
. "$(dirname "$0")/lib/pool.sh"
all="image thermal depth tactile imu event subtitles"
mkdir media
: >pool.jsonl
s=0 # picture and trace count with i
while [ $s -lt 14 ]; do # sample s has s % 7 + 1 modalities, beginning with number s of the list
    media= k=0
    for m in $all $all $all; do
        k=$((k + 1))
        [ $k -gt $s ] && [ $k -le $((s + s % 7 + 1)) ] || continue
        case $m in
        image | thermal | depth) picture media/$s.$m $((100 + s % 8 + k % 8 * 10)) 000 377 ;;
        tactile | imu) trace media/$s.$m $((s + k)) ;;
        event) printf 'x,y,t,p\n%d,2,0,1\n3,%d,900,0\n' $s $k >media/$s.$m ;;
        subtitles) echo "Somebody says $s and $k." >media/$s.$m ;;
        esac
        media="$media${media:+, }{\"modality\": \"$m\", \"path\": \"media/$s.$m\"}"
    done
    echo "{\"id\": \"s$((s + 10))\", \"question\": \"What is $s?\", \"choices\": [\"a\", \"b\"]," \
        "\"answer\": \"A\", \"media\": [$media]}" >>pool.jsonl
    s=$((s + 1))
done
small_spec <<'Y'
modalities: {thermal: {carrier: raster}, depth: {carrier: raster}, imu: {carrier: trace},
             event: {carrier: clip}, subtitles: {carrier: text}}
conditions: [full, every_subset]
probes: [{name: stat, kind: builtin}]
Y
blindfold run spec.yaml --out run >log 2>&1 || cat log
cat run/set_aside.jsonl
# Of each sample: how many modalities it has, under how many conditions it was asked, and how many
# of these are not a subset of what it has, written in the order of the list.
blindfold answers export run | sed 's/.*"sample": "\([^"]*\)", "condition": "\([^"]*\)".*/\1 \2/' >asked
while read -r row; do
    id=$(echo "$row" | sed 's/.*"id": "\([^"]*\)".*/\1/')
    has=
    for m in $all; do
        case $row in *"\"modality\": \"$m\""*) has="$has $m" ;; esac
    done
    awk -v id="$id" -v has="$has" '
        $1 == id {
            n++
            odd += seen[$2]++
            if ($2 == "full")
                next
            left = "+" substr($2, length("without_") + 1) "+"
            for (i = 1; i <= split(has, m, " "); i++)
                sub("\\+" m[i] "\\+", "+", left)
            odd += left != "+" || $2 !~ /^without_/
        }
        END { print id, split(has, m, " "), n + 0, odd + 0 }' asked
done <pool.jsonl
