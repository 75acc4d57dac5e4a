# Read by the other scripts here: `report NAME FAULTS` prints one TAP case, which passes when
# there are no faults; `finish` ends the script.
LC_ALL=C; export LC_ALL
tap_n=0; tap_failed=0

report() {
    tap_n=$((tap_n + 1))
    if [ -z "$2" ]; then
        echo "ok $tap_n - $1"
    else
        echo "not ok $tap_n - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
        tap_failed=1
    fi
}

finish() {
    echo "1..$tap_n"
    exit $tap_failed
}

# Folders of our own code, and all C files in them or in those named.
folders='core specs ingest modalities probe score filters emit review cli demo'
c_files() {
    for d in ${*:-$folders tests}; do
        [ ! -d "$d" ] || find "$d" -type f -name '*.[ch]'
    done | sort
}
