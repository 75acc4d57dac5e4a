#!/bin/sh
# readers.sh [SECONDS [CARRIER...]]: run the fuzz targets of readers, 60 seconds each, under libFuzzer
# with AddressSanitizer and UndefinedBehaviorSanitizer. They are built in build-fuzz by clang ($CC);
# they start from our corpus and, when it is there, the odd files of the shared data below 64 kB. What
# they find is left in build-fuzz/found-CARRIER; the exit status says whether there is any.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd) && cd "$root" || exit 99
seconds=${1:-60}
[ $# = 0 ] || shift
[ -e build-fuzz/build.ninja ] || CC=${CC:-clang-14} meson setup build-fuzz -Dfuzzers=true \
    -Db_sanitize=address,undefined -Db_lundef=false -Dwerror=false -Doptimization=1 \
    -Dc_args=-fsanitize=fuzzer-no-link >/dev/null || exit 99
odd=${BF_SHARED:-$root/../shared}/data/odd
failed=0
for carrier in ${*:-raster clip wave trace text}; do
    ninja -C build-fuzz "tests/fuzz/fuzzer_$carrier" >/dev/null || exit 99
    case $carrier in
    raster) folders="png damaged exif jpeg anim webp tiff bmp" ;;
    clip) folders="video anim damaged" ;;
    wave) folders="wav audio flac damaged video" ;;
    trace) folders="tactile damaged wav" ;;
    *) folders="tactile" ;;
    esac
    seeds=build-fuzz/seeds-$carrier grown=build-fuzz/grown-$carrier found=build-fuzz/found-$carrier
    mkdir -p "$seeds" "$grown" "$found"
    for d in $folders; do
        [ ! -d "$odd/$d" ] || find "$odd/$d" -type f -size -64k -exec cp -t "$seeds" {} +
    done
    ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1 \
        LSAN_OPTIONS=suppressions=tests/fuzz/lsan.supp:print_suppressions=0 \
        "build-fuzz/tests/fuzz/fuzzer_$carrier" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
        -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$found/" \
        "$grown" "$seeds" "tests/fuzz/corpus_$carrier" >"build-fuzz/$carrier.log" 2>&1 || failed=1
    printf '%s: %s runs, %s features, %s found\n' "$carrier" \
        "$(sed -n 's/stat::number_of_executed_units: *//p' "build-fuzz/$carrier.log")" \
        "$(sed -n 's/.* ft: \([0-9]*\).*/\1/p' "build-fuzz/$carrier.log" | tail -n 1)" \
        "$(ls "$found" | wc -l)"
    grep -aE '^==[0-9]+==ERROR|runtime error|not so:' "build-fuzz/$carrier.log" | head -n 3
done
exit $failed
