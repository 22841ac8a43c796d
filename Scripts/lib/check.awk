# SPDX-License-Identifier: Apache-2.0
# The rules of Scripts/check that one reading of a Swift file can judge: `file:line: what is wrong`, one line each.
#
#   awk -f check.awk Docs/architecture.md FILE.swift…
#
# The first file holds the table of allowed imports, in its block ```imports: a target, then what it may import;
# the row `*` is for every target, the row `Tests` for everything under Tests/ (beside every target of the table).

function wrong(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; failures++ }

# A reason stands on the same line or in the comment above.
function explained() { return $0 ~ /\/\/ ?[^ ]/ || previous ~ /^ *\/\// }

function startFile(   parts, count) {
    if (name != "") endFile()
    name = FILENAME
    count = split(FILENAME, parts, "/")
    isTest = parts[1] == "Tests"
    isProduct = parts[1] == "Sources"
    target = isTest ? "Tests" : parts[2]
    base = parts[count]
    lines = 0; saysWhyLong = 0; previous = ""; functionStart = 0
    if (base ~ /(Utils?|Utilities|Helpers?|Extensions?|Manager|Handler|Info|Data)\.swift$/) wrong("a file is named after its public type: not " base)
    if ((isProduct) && !(target in allowed)) wrong("target " target " has no row in the table of imports, Docs/architecture.md")
}

function endFile() {
    if (lines > 400 && !saysWhyLong) { printf "%s:1: %d lines; past 400 a file is two rooms (or `// Long: why` in its head)\n", name, lines; failures++ }
}

# ── the table ──
FNR == NR {
    if ($0 == "```imports") { inTable = 1; next }
    if (/^```/) inTable = 0
    if (inTable && NF) {
        allowed[$1] = 1
        for (i = 2; i <= NF; i++) may[$1, $i] = 1
    }
    next
}

FNR == 1 {
    startFile()
    if (base != "Package.swift" && $0 != "// SPDX-License-Identifier: Apache-2.0") wrong("the first line is the licence: // SPDX-License-Identifier: Apache-2.0")
}

{ lines++ }
FNR <= 10 && /^\/\/ Long: / { saysWhyLong = 1 }

# ── imports ──
/^ *(@[A-Za-z_]+(\([a-z:_A-Z]*\))? +)*((public|package|internal|fileprivate|private) +)?import +[A-Za-z_]/ {
    module = $0
    sub(/^.*import +/, "", module)
    sub(/^(struct|class|enum|protocol|typealias|func|var|let) +/, "", module)
    sub(/[^A-Za-z0-9_].*$/, "", module)
    if (isProduct && !may["*", module] && !may[target, module]) wrong(target " may not import " module " (the table in Docs/architecture.md)")
    if (isTest && !may["*", module] && !may["Tests", module] && !(module in allowed)) wrong("tests may not import " module " (the table in Docs/architecture.md)")
    if (isProduct && module == "GRDB" && FILENAME !~ /^Sources\/LocalEngine\/Records\//) wrong("GRDB stays in LocalEngine/Records")
    if (isProduct && module == "CNftables" && FILENAME !~ /^Sources\/LocalEngine\/Networks\/Firewall\//) wrong("CNftables stays in LocalEngine/Networks/Firewall")
    if (isProduct && module == "CSeccomp" && FILENAME !~ /^Sources\/LocalEngine\/Isolation\//) wrong("CSeccomp stays in LocalEngine/Isolation")
    if (isProduct && module ~ /^Foundation/ && target ~ /^(Linux|Monitor|MonitorProtocol)$/) wrong("no Foundation in " target)
}

# ── words ──
!/^ *\/\// {
    code = $0
    # Text between quotes is no code; what is interpolated into it rarely is what these rules look for.
    gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
    comment = match(code, /\/\//) ? substr(code, RSTART) : ""
    sub(/\/\/.*$/, "", code)
    if (code ~ /(^|[^A-Za-z])try!/) wrong("try! ends the program; throw, or say by a precondition why it cannot fail")
    if (code ~ /(^|[^A-Za-z])as!/) wrong("as! ends the program; use as? and a thrown error")
    if (isProduct && code ~ /(^|[^A-Za-z])try\?/ && !explained()) wrong("try? needs a comment that says why failure is fine")
    if (isProduct && code ~ /fatalError\(/ && $0 !~ /fatalError\("[^"]/ && !explained()) wrong("fatalError needs its reason")
    if (isProduct && code ~ /@unchecked Sendable|nonisolated\(unsafe\)/ && !explained()) wrong("@unchecked Sendable and nonisolated(unsafe) need a sentence that says why")
}
/(TODO|FIXME)([^A-Za-z]|$)/ { wrong("finish it, or write it down in Docs/scope.md: " $0) }

# ── lengths of functions: strict formatting puts the closing brace under the declaration ──
/^ *([a-z@()]+ +)*(func |init[(<?]|deinit|subscript)/ && !/^ *\/\// && !/[})]$/ {
    match($0, /^ */)
    functionStart = FNR
    closing = substr($0, 1, RLENGTH) "}"
}
functionStart && $0 == closing {
    if (FNR - functionStart + 1 > 60) { printf "%s:%d: a function of %d lines; past 60 it is two\n", FILENAME, functionStart, FNR - functionStart + 1; failures++ }
    functionStart = 0
}

{ previous = $0 }

END { if (name != "") endFile(); exit failures > 0 }
