# Media of which part is missing: kept out unless the spec says otherwise, and never silently.
. "$(dirname "$0")/lib/pool.sh"
small_pool
# Mono, 16 bits, 8 kHz; the header says 1600 bytes. $1 bytes of sound follow, drawn so that they are
# no silence; $2: a tail.
wav() {
    printf 'RIFF\144\006\000\000WAVEfmt \020\000\000\000\001\000\001\000'
    printf '\100\037\000\000\200\076\000\000\002\000\020\000data\100\006\000\000'
    head -c "$1" /dev/zero | tr '\0' "$2"
}
wav 1600 x >media/whole.wav
wav 800 y >media/cut.wav
# A float WAV of four samples, one of which is no number: whole, with a remark.
{
    printf 'RIFF\064\000\000\000WAVEfmt \020\000\000\000\003\000\001\000'
    printf '\100\037\000\000\000\175\000\000\004\000\040\000data\020\000\000\000'
    printf '\000\000\000\077\000\000\300\177\000\000\000\277\000\000\000\076'
} >media/nan.wav
echo 'time_ms,ch1' >media/head.csv
# sample ID SOUND [TRACE]: the trace is unreadable
sample() {
    echo "{\"id\": \"$1\", \"question\": \"Which?\", \"choices\": [\"x\", \"y\"], \"answer\": \"A\"," \
        "\"media\": [{\"modality\": \"audio\", \"path\": \"media/$2.wav\"}" \
        "${3:+,{\"modality\": \"tactile\", \"path\": \"media/$3.csv\"\}}]}"
}
{ sample whole whole; sample cut cut; sample nan nan; sample both cut head; } >>pool.jsonl
spec() {
    small_spec <<Y
$1
probes: [{name: stat, kind: builtin}]
emit: {formats: [jsonl]}
Y
}
spec ''
echo "-- by default"
blindfold run spec.yaml --out run >out
head -n 3 out
cat run/set_aside.jsonl
grep -e damaged -e warned run/run.json run/spec.yaml
grep -c . run/verdicts.jsonl
grep 'set aside' run/benchmark/README.md
blindfold run spec.yaml --out run --json | cut -c 1-120

echo "-- what the ledger remembers, in a plan"
spec 'damaged: set_aside'
sed -i '$d; s/^probes.*/probes: [{name: m, kind: chat, url: "http:\/\/127.0.0.1:9\/v1", model: m}]/' spec.yaml
blindfold check spec.yaml --out run | head -n 3
blindfold check spec.yaml --out run --json | cut -c 1-270
blindfold check spec.yaml --requests 99 | grep -A 1 "sample 'cut'" | head -n 2

echo "-- kept"
spec 'damaged: keep'
blindfold run spec.yaml --out run >out
head -n 4 out
cut -c 1-80 run/set_aside.jsonl
grep -e damaged -e warned run/run.json run/spec.yaml
grep '"id": "cut"' run/verdicts.jsonl | sed 's/.*}, //'
grep '"id": "cut"' run/benchmark/dependency.jsonl | grep -o '"damaged": {[^}]*}'
grep -c '"damaged"' run/verdicts.jsonl run/benchmark/dependency.jsonl
grep -A 1 'set aside' run/benchmark/README.md
blindfold show spec.yaml cut --out shown
cat shown/parts.txt
blindfold show spec.yaml nan --out shown
cat shown/parts.txt
