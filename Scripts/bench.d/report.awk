# SPDX-License-Identifier: Apache-2.0
# report.awk GOALS TIMES: figures of TIMES (a name and values, separated by tabs), then the goals about them.
#
# Times are microseconds, and told in milliseconds; the values of a goal in MB are MB already.
BEGIN { FS = "\t" }

# fill(): the values of this line, in their order and sorted.
function fill(name,    i, j, value) {
    count[name] = NF - 1
    for (i = 2; i <= NF; i++) {
        value = $i + 0
        raw[name, i - 1] = value
        for (j = i - 2; j > 0 && sorted[name, j] > value; j--) sorted[name, j + 1] = sorted[name, j]
        sorted[name, j + 1] = value
    }
}

# part(NAME, SHARE): the value below which that share of the values is.
function part(name, share,    place) {
    place = int(count[name] * share) + 1
    return sorted[name, place > count[name] ? count[name] : place]
}

# ratio(NAME, YARDSTICK): the median of the ratios, each taken within a round.
function ratio(name, yardstick,    i, j, n, value, ratios) {
    n = count[name]
    for (i = 1; i <= n; i++) {
        value = raw[name, i] / raw[yardstick, i]
        for (j = i - 1; j > 0 && ratios[j] > value; j--) ratios[j + 1] = ratios[j]
        ratios[j + 1] = value
    }
    return ratios[int(n / 2) + 1]
}

function verdict(found, most) { return found <= most ? "met" : sprintf("missed by %.0f %%", (found / most - 1) * 100) }

FILENAME == ARGV[1] {
    goals[++number] = $0
    if ($1 == "limit") unit[$2] = $4
    next
}

{
    names[++figures] = $1
    if (NF > 1) fill($1)
    if (unit[$1] == "MB") inMegabytes = 1
}

END {
    scale = inMegabytes ? 1 : 1000
    for (i = 1; i <= figures; i++) {
        name = names[i]
        if (!count[name]) continue
        printf "  %-26s %10.3f   (%.3f to %.3f)\n", name, part(name, 0.5) / scale, part(name, 0.1) / scale,
            part(name, 0.9) / scale
    }
    for (i = 1; i <= number; i++) {
        split(goals[i], word, "\t")
        name = word[2]
        if (word[1] == "ratio") {
            found = ratio(name, word[3])
            printf "  goal %-24s %10.3f ms = %6.2f × %-18s at most %-5s %s\n", name, part(name, 0.5) / scale, found,
                word[3], word[4], verdict(found, word[4])
        } else {
            found = part(name, word[4] == "p99ms" ? 0.99 : 0.5) / scale
            printf "  goal %-24s %10.3f %-27s at most %-5s %s\n", name, found,
                word[4] == "p99ms" ? "ms in 99 of 100" : word[4], word[3], verdict(found, word[3])
        }
    }
}
