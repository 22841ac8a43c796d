# SPDX-License-Identifier: Apache-2.0
# The tests that the tables in Docs/ name are there: `file:line: what is wrong`, one line each.
#
#   awk -f cases.awk Tests/…/*.swift Docs/cases.md Docs/security.md Docs/scope.md
#
# In cases.md and security.md each row names a suite and a sentence of it (SuiteTests `sentence`); elsewhere a suite or a
# target is enough.

function wrong(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; failures++ }

FNR == 1 {
    count = split(FILENAME, parts, "/")
    suite = parts[count]
    isTable = suite ~ /\.md$/
    isStrict = suite ~ /^(cases|security)\.md$/
    if (isTable) tables[FILENAME] = 0
    sub(/\.swift$/, "", suite)
    if (!isTable) { suites[suite] = 1; suites[parts[2]] = 1 }
}

!isTable {
    if (match($0, /func `[^`]+`/)) sentences[suite, substr($0, RSTART + 6, RLENGTH - 7)] = 1
    next
}

# The first row of a table is its heading, and what stands below that is its rule.
isStrict && /^\|/ {
    if (!isInTable) { isInTable = 1; next }
    if (/^\| *-/) next
    tables[FILENAME]++
    found = 0
    rest = $0
    while (match(rest, /[A-Z][A-Za-z]+Tests `[^`]+`/)) {
        named = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        found++
        blank = index(named, " ")
        name = substr(named, 1, blank - 1)
        sentence = substr(named, blank + 2, length(named) - blank - 2)
        if (!((name, sentence) in sentences)) wrong("no test " name " `" sentence "`")
    }
    if (!found) wrong("the row names no test")
    next
}

{
    isInTable = 0
    rest = $0
    while (match(rest, /[A-Z][A-Za-z]+Tests/)) {
        name = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        if (!(name in suites)) wrong("no suite or target " name)
    }
}

END {
    for (file in tables) {
        if (file ~ /(cases|security)\.md$/ && !tables[file]) { print file ": no row was read"; failures++ }
    }
    exit failures > 0
}
