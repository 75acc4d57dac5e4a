. "$(dirname "$0")/lib/pool.sh"
small_pool
# sample ID ANSWER PATH
sample() {
    echo "{\"id\": \"$1\", \"question\": \"Which?\", \"choices\": [\"x\", \"y\"]," \
        "\"answer\": \"$2\", \"media\": [{\"modality\": \"${4:-image}\", \"path\": \"$3\"}]}"
}
printf '\377\330\377\340\0\020JFIF' >media/cut.jpg
: >media/empty.csv
echo 'time_ms,ch1' >media/head.csv
mkfifo media/pipe.ppm
{
    sample q0 A media/p0.ppm
    sample r1 A media/none.ppm
    sample r2 A media/cut.jpg
    sample r3 A media/empty.csv tactile
    sample r4 A media/head.csv tactile
    sample r5 C media/p0.ppm
    sample r6 A ../pool.jsonl
    sample r7 A /etc/passwd
    sample r8 A media/p0.ppm imge
    sample r10 A media/pipe.ppm
    echo 'not json'
    echo '{"id": "r9"}'
} >>pool.jsonl
small_spec <<'Y'
probes: [{name: stat, kind: builtin}]
Y
blindfold run spec.yaml --out run >out
head -n 1 out
cat run/set_aside.jsonl
