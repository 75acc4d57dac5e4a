#!/bin/sh
# includes.sh ROOT: who may include whom. A file includes its own folder and core/; core/ includes
# core/ only; cli/ may include any of ours. What comes from elsewhere is C's, POSIX's, or a
# library's in the one file that knows that library.
cd "$1" || exit 99
. tests/tidy/tap.sh

for d in $folders; do
    [ -d "$d" ] && [ "$d" != cli ] || continue
    report "$d/ includes itself and core/" "$(c_files "$d" |
        xargs grep -nE '^ *# *include *"' /dev/null |
        grep -vE "# *include *\"($d|core)/([a-z0-9_]+/)?[a-z0-9_]+\.h\"")"
done
report "our headers are named from the root" "$(c_files cli | xargs grep -nE '^ *# *include *"' \
    /dev/null | grep -vE '# *include *"[a-z]+/([a-z0-9_]+/)?[a-z0-9_]+\.h"')"

# only FILES HEADERS...: a library's headers; all are extended regular expressions.
all=$(c_files $folders | xargs grep -nE '^ *# *include *<' /dev/null)
only() {
    file=$1
    shift
    for h in "$@"; do
        report "<$h> only in $file" "$(printf '%s\n' "$all" |
            grep -E "include *<$h" | grep -vE "^($file):")"
        known="$known|$h"
    done
}
known='(assert|ctype|errno|fenv|float|inttypes|limits|locale|math|signal|stdalign|stdarg|stdatomic'
known="$known|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|time|dirent|fcntl|getopt|langinfo|libgen"
known="$known|poll|pthread|semaphore|spawn|strings|termios|unistd)\\.h>|sys/[a-z]+\\.h>|arpa/inet\\.h>|netinet/[a-z]+\\.h>"
only 'modalities/readers/(clip|container|ffmpeg|rgb|scene|sound|track)\.c' 'libav[a-z]*/' 'libsw[a-z]*/'
only modalities/readers/sndfile.c 'sndfile\.h'
only modalities/readers/stb.c 'stb'
only 'modalities/(writers/jpeg|readers/turbojpeg)\.c' 'turbojpeg\.h'
only modalities/readers/spng.c 'spng\.h'
only 'modalities/readers/(webp|webp_clip)\.c' 'webp/'
only modalities/readers/tiff.c 'tiffio\.h'
only modalities/readers/heif.c 'libheif/'
only modalities/readers/lcms.c 'lcms2\.h'
only 'modalities/(readers/(marks|icc|zip)|writers/png)\.c' 'zlib\.h'
only modalities/readers/hdf5.c 'hdf5\.h'
only specs/yaml.c 'yaml\.h'
only core/db.c 'sqlite3\.h'
only core/json.c 'yyjson\.h'
only probe/server/http.c 'curl/'
only core/hash.c 'xxhash\.h' 'openssl/'
report "every other header is C's or POSIX's" "$(printf '%s\n' "$all" |
    grep -vE "include *<($known)" | grep .)"
finish
