#!/bin/sh
# Bring what the build needs, and only what is missing. When all is there, nothing is touched and
# nothing is said. Debian and Ubuntu: packages by apt-get, as root or through sudo. Fedora and
# macOS: the command is printed, for you to run.
set -u
cd "$(dirname "$0")/.." || exit 1

# yyjson for systems without a package of it (Debian 12): its source, checked by digest.
yyjson_version=4.0.6
yyjson_sha256=fcd4dc15c1e39a30bf9fa85d56903029111506860fc3080ab0d81c6c6dacaa8c

say() { echo "setup: $*"; }
die() { echo "setup: $*" >&2; exit 1; }

# What is missing, one word each: a program, or a library as pkg-config calls it.
missing() {
    command -v cc >/dev/null || command -v gcc >/dev/null || echo cc
    command -v make >/dev/null || echo make
    command -v meson >/dev/null || echo meson
    command -v ninja >/dev/null || echo ninja
    if ! command -v pkg-config >/dev/null; then
        echo pkg-config $libraries
    elif ! pkg-config --exists $libraries; then
        for l in $libraries; do pkg-config --exists "$l" || echo "$l"; done
    fi
    have_yyjson || echo yyjson
}
libraries='yaml-0.1 sndfile libavformat libavcodec libavutil libswscale libswresample stb libxxhash
    libcrypto sqlite3 libcurl zlib'
# Optional for the build, part of the usual set-up: they read more, or faster.
libraries="$libraries libturbojpeg spng libwebp lcms2 libheif libtiff-4 hdf5"

# Its source, built by the file that we keep for it, or the system's.
have_yyjson() {
    [ -f subprojects/yyjson/yyjson/yyjson.c ] || pkg-config --exists yyjson 2>/dev/null || return 1
    [ ! -d subprojects/yyjson ] ||
        cmp -s subprojects/packagefiles/yyjson/meson.build subprojects/yyjson/meson.build ||
        cp subprojects/packagefiles/yyjson/meson.build subprojects/yyjson/
}

# package FAMILY WORD: the package that brings it.
package() {
    case $1:$2 in
    debian:cc) echo gcc libc6-dev ;;
    debian:ninja) echo ninja-build ;;
    debian:yaml-0.1) echo libyaml-dev ;;
    debian:sndfile) echo libsndfile1-dev ;;
    debian:lib[as][vw]*) echo "$2-dev" ;;
    debian:stb) echo libstb-dev ;;
    debian:libxxhash) echo libxxhash-dev ;;
    debian:libcrypto) echo libssl-dev ;;
    debian:sqlite3) echo libsqlite3-dev ;;
    debian:libcurl) echo libcurl4-openssl-dev ;;
    debian:zlib) echo zlib1g-dev ;;
    debian:libturbojpeg) echo libturbojpeg0-dev ;;
    debian:spng) echo libspng-dev ;;
    debian:libwebp) echo libwebp-dev ;;
    debian:lcms2) echo liblcms2-dev ;;
    debian:libheif) echo libheif-dev ;;
    debian:libtiff-4) echo libtiff-dev ;;
    debian:hdf5) echo libhdf5-dev ;;
    debian:yyjson) echo libyyjson-dev ;;
    fedora:cc) echo gcc ;;
    fedora:pkg-config) echo pkgconf-pkg-config ;;
    fedora:ninja) echo ninja-build ;;
    fedora:yaml-0.1) echo libyaml-devel ;;
    fedora:sndfile) echo libsndfile-devel ;;
    fedora:lib[as][vw]*) echo "$2-free-devel" ;;
    fedora:stb) echo stb_image-devel stb_image_write-devel ;;
    fedora:libxxhash) echo xxhash-devel ;;
    fedora:libcrypto) echo openssl-devel ;;
    fedora:sqlite3) echo sqlite-devel ;;
    fedora:libcurl) echo libcurl-devel ;;
    fedora:zlib) echo zlib-devel ;;
    fedora:libturbojpeg) echo turbojpeg-devel ;;
    fedora:spng) echo libspng-devel ;;
    fedora:libwebp) echo libwebp-devel ;;
    fedora:lcms2) echo lcms2-devel ;;
    fedora:libheif) echo libheif-devel ;;
    fedora:libtiff-4) echo libtiff-devel ;;
    fedora:hdf5) echo hdf5-devel ;;
    fedora:yyjson) echo yyjson-devel ;;
    macos:cc | macos:make) ;;
    macos:yaml-0.1) echo libyaml ;;
    macos:sndfile) echo libsndfile ;;
    macos:lib[as][vw]*) echo ffmpeg ;;
    macos:stb) ;;
    macos:libxxhash) echo xxhash ;;
    macos:libcrypto) echo openssl@3 ;;
    macos:sqlite3) echo sqlite ;;
    macos:libcurl) echo curl ;;
    macos:libturbojpeg) echo jpeg-turbo ;;
    macos:spng) echo libspng ;;
    macos:libwebp) echo webp ;;
    macos:lcms2) echo little-cms2 ;;
    macos:libtiff-4) echo libtiff ;;
    *) echo "$2" ;;
    esac
}

# packages FAMILY WORD...: the same for all, each once.
packages() {
    family=$1
    shift
    for w in "$@"; do package "$family" "$w"; done | tr ' ' '\n' | sort -u | tr '\n' ' '
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# quietly WHAT COMMAND...: run it; when it fails, show its last lines and stop.
quietly() {
    what=$1
    shift
    log=$(mktemp) || exit 1
    if ! "$@" >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        rm -f "$log"
        die "cannot $what; set-up needs the network once, after that nothing is fetched"
    fi
    rm -f "$log"
}

apt() {
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        die "missing; as root run: apt-get install --no-install-recommends $*"
    if [ -z "${updated:-}" ]; then
        say "apt-get update"
        quietly "read the package lists" as_root env DEBIAN_FRONTEND=noninteractive apt-get update
        updated=yes
    fi
    say "apt-get install $*"
    quietly "install $*" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"
}

# Whether apt knows a package of this name that can be installed.
apt_has() {
    apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'
}

fetch_yyjson() {
    python3 -m pip --version >/dev/null 2>&1 || apt python3-pip
    say "fetch the source of yyjson $yyjson_version into subprojects/yyjson"
    tmp=$(mktemp -d) || exit 1
    trap 'rm -rf "$tmp"' EXIT
    quietly "fetch yyjson" python3 -m pip download -q --disable-pip-version-check --no-deps \
        --no-binary yyjson -d "$tmp" "yyjson==$yyjson_version"
    tarball=$tmp/yyjson-$yyjson_version.tar.gz
    echo "$yyjson_sha256  $tarball" | sha256sum -c --status 2>/dev/null ||
        die "yyjson-$yyjson_version.tar.gz is not the file that was expected: its SHA-256 differs"
    # Unpacked beside and renamed: an interrupted set-up leaves no half of it.
    mkdir "$tmp/yyjson" && tar -xzf "$tarball" -C "$tmp/yyjson" --strip-components=1 ||
        die "cannot unpack yyjson"
    cp subprojects/packagefiles/yyjson/meson.build "$tmp/yyjson/" &&
        rm -rf subprojects/yyjson subprojects/yyjson.part &&
        cp -R "$tmp/yyjson" subprojects/yyjson.part &&
        mv subprojects/yyjson.part subprojects/yyjson || die "cannot write subprojects/yyjson"
}

need=$(missing)
[ -n "$need" ] || exit 0

# shellcheck disable=SC2086 # the words are meant to be split
if command -v apt-get >/dev/null; then
    rest=$(printf '%s\n' $need | grep -v '^yyjson$')
    # The package of yyjson is known only once the lists are read.
    [ -z "$rest" ] || apt $(packages debian $rest)
    if ! have_yyjson; then
        if apt_has libyyjson-dev; then apt libyyjson-dev; else fetch_yyjson; fi
    fi
elif command -v dnf >/dev/null; then
    die "missing; run: sudo dnf install $(packages fedora $need)"
elif [ "$(uname)" = Darwin ]; then
    case " $(echo $need) " in *" cc "*) say "missing; run: xcode-select --install" ;; esac
    case " $(echo $need) " in
    *" stb "*) say "missing: stb_image.h and stb_image_write.h, which Homebrew does not package" ;;
    esac
    die "missing; run: brew install $(packages macos $need)"
else
    die "missing: $(echo $need); install them with your system's packages"
fi

need=$(missing)
[ -z "$need" ] || die "still missing after installing:" $need
say "done"
