#!/bin/sh
# two_in_one.sh ROOT BUILD: files that carry pictures and sound, of which one is taken away: files that
# differ in that alone, in its content, size, length, rate and in the titles, give the same requests,
# byte for byte, however what is left is shown. Needs the program ffmpeg. Prints TAP.
. "$1/tests/run/tap.sh"
build=$2
if ! command -v ffmpeg >/dev/null; then
    echo "1..0 # SKIP there is no ffmpeg to make clips with"
    exit 0
fi
cd "$tmp" || exit 99

make() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@" >>log 2>&1 || bad=1; }
bad=0
mkdir media
make -f lavfi -i testsrc=d=2:s=320x240:r=10 -c:v mpeg4 v1.mp4
make -f lavfi -i testsrc2=d=5:s=160x120:r=25 -c:v mpeg4 v2.mp4
make -f lavfi -i sine=f=440:d=3:r=44100 -c:a aac a1.m4a
make -f lavfi -i sine=f=900:d=7:r=22050 -ac 2 -c:a aac a2.m4a
for ext in mp4 mkv; do
    make -i v1.mp4 -i a1.m4a -map 0 -map 1 -c copy -metadata title="a red car" media/v1a1.$ext
    make -i v2.mp4 -i a1.m4a -map 0 -map 1 -c copy -metadata comment="a dog" media/v2a1.$ext
    make -i v1.mp4 -i a2.m4a -map 0 -map 1 -c copy -metadata title="a horn" media/v1a2.$ext
    # The sound begins long before the pictures.
    make -itsoffset 0.7 -i v1.mp4 -i a2.m4a -map 0 -map 1 -c copy media/late.$ext
done
[ $bad = 0 ]
check "clips are made"

# requests FILE VIDEO AUDIO CONDITIONS OUT: what would be sent, without the names of the requests,
# which come from the file's own SHA-256.
requests() {
    cat >pool.jsonl <<J
{"id":"x","question":"What?","choices":["a","b"],"answer":"A","media":[{"modality":"video","path":"media/$1"},{"modality":"audio","path":"media/$1"}]}
J
    cat >spec.yaml <<Y
blindfold: 1
name: two
pool: {path: pool.jsonl}
modalities: {video: {present: $2}, audio: {present: $3}}
conditions: [$4]
probes: [{name: files, kind: batch, model: m}]
Y
    rm -rf run
    "$build/blindfold" run spec.yaml --out run >>log 2>&1
    cat run/files/requests-*.jsonl | sed 's/"custom_id":"[^"]*"//' | sort >"$5"
}

# compare VIDEO AUDIO CONDITIONS FILE FILE: whether they give the same requests, three of them.
compare() {
    requests "$4" "$1" "$2" "$3" one
    requests "$5" "$1" "$2" "$3" other
    [ "$(wc -l <one)" = 3 ] && cmp one other >>log
}

no_pictures="{a: {replace: {video: drop}}},{b: {replace: {video: white}}},{c: {replace: {video: noise}}}"
no_sound="{a: {replace: {audio: drop}}},{b: {replace: {audio: silence}}},{c: {replace: {audio: noise}}}"
for ext in mp4 mkv; do
    for audio in wav spectrogram table; do
        compare file $audio "$no_pictures" v1a1.$ext v2a1.$ext
        check "$ext: nothing of the pictures beside sound as $audio"
    done
    for video in frames file sheet; do
        compare $video wav "$no_sound" v1a1.$ext v1a2.$ext
        check "$ext: nothing of the sound beside pictures as $video"
        compare $video wav "$no_sound" v1a1.$ext late.$ext
        check "$ext: nor of when it began"
    done
    ! compare frames wav "$no_sound" v1a1.$ext v2a1.$ext
    check "$ext: pictures that are kept are seen to differ"
    ! compare frames wav "$no_pictures" v1a1.$ext v1a2.$ext
    check "$ext: so is sound"
    ! compare frames wav "{a: {replace: {video: {white: {size: original}}}}},{b: {replace: {video: drop}}},{c: {replace: {video: noise}}}" \
        v1a1.$ext v2a1.$ext
    check "$ext: so is the size that a white clip keeps when told to"
done
finish
