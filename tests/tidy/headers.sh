#!/bin/sh
# headers.sh ROOT CC...: every header of ours compiles alone and is guarded by its own name.
cd "$1" || exit 99
shift
. tests/tidy/tap.sh

for h in $(c_files $folders | grep '\.h$'); do
    report "$h compiles alone" "$("$@" -std=c17 -D_POSIX_C_SOURCE=200809L -DBF_VERSION='"0"' \
        -DHEADER="\"$h\"" -I. -Wall -Wextra -Werror -fsyntax-only tests/header.c 2>&1)"
done

bad=
for h in $(c_files $folders | grep '\.h$'); do
    guard=BF_$(echo "$h" | tr 'a-z/.' 'A-Z__')
    [ "$(grep -m 2 -E "^#(ifndef|define) $guard\$" "$h" | wc -l)" -eq 2 ] || bad="$bad $h"
done
report "guards are BF_FOLDER_FILE_H" "$bad"
finish
