# Count single cases over meson's testlog.json files, one JSON object a line: TAP lines where a
# test prints them, the program itself where it does not. Names what failed and what was skipped,
# with the reason; the last line reads "N passed, N failed, N skipped". Exit status 1 on failure.

# The text of a key, JSON escapes undone as far as TAP needs them.
function text_of(key,    at, s, out, c, n) {
    at = index($0, "\"" key "\": \"")
    if (!at) return ""
    s = substr($0, at + length(key) + 5)
    out = ""
    while ((n = match(s, /["\\]/)) > 0) {
        out = out substr(s, 1, n - 1)
        if (substr(s, n, 1) == "\"") break
        c = substr(s, n + 1, 1)
        out = out (c == "n" ? "\n" : c == "t" ? "\t" : c == "u" ? "?" : c)
        s = substr(s, n + (c == "u" ? 6 : 2))
    }
    return out
}

function fail(what) { failed++; print "failed:  " what }
function skip(what, why) { skipped++; print "skipped: " what ": " why }

{
    name = text_of("name")
    sub(/^[^:]*:/, "", name)
    gsub(/ \/ /, "/", name)
    if (FILENAME ~ /asan/) name = name " (sanitizers)"
    result = text_of("result")
    n_lines = split(text_of("stdout"), line, "\n")

    cases = bad = 0
    for (i = 1; i <= n_lines; i++) {
        if (line[i] !~ /^(not )?ok [0-9]/) continue
        cases++
        what = line[i]
        sub(/^(not )?ok [0-9]+( - )?/, "", what)
        at = index(what, " # SKIP")
        if (line[i] ~ /^not /) { bad++; fail(name ": " what) }
        else if (at) skip(name ": " substr(what, 1, at - 1), substr(what, at + 8))
        else passed++
    }
    # What a failed case had to say, which meson keeps to itself.
    for (i = 1; bad && i <= n_lines; i++)
        if (line[i] ~ /^#/) print "         " line[i]

    if (cases == 0 && result == "OK") passed++
    else if (cases == 0 && result == "SKIP") {
        while (n_lines > 1 && line[n_lines] == "") n_lines--
        skip(name, line[n_lines] == "" ? "no reason given" : line[n_lines])
    }
    # Stopped early, killed, or too slow: the cases printed so far do not say so.
    else if (bad == 0 && result != "OK" && result != "SKIP") fail(name ": " tolower(result))
}

END {
    if (NR == 0) fail("no test ran")
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
    exit failed > 0
}
