# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # variables of Scripts/bench
# Sourced by Scripts/bench: how figures grow. Each curve is a few points, a bar for each, ten columns a decade.

# point CURVE WORK PER NAME: keeps the median of what `paired` has timed, divided by PER, for that amount of work.
point() {
    awk -F'\t' -v curve="$1" -v work="$2" -v per="$3" -v name="$4" -v OFS='\t' '
        $1 == name {
            for (i = 2; i <= NF; i++) {
                for (j = i - 1; j > 1 && sorted[j] > $i + 0; j--) sorted[j + 1] = sorted[j]
                sorted[j + 1] = $i + 0
            }
            print curve, work, sorted[int((NF - 1) / 2) + 2] / 1000 / per
        }' "$work/times" >>"$work/points"
}

# timed ROUNDS: runs what was collected.
timed() {
    "$tools/paired" "$1" <"$work/commands" >"$work/times"
    rm "$work/commands"
}

# plot CURVE UNIT EXPONENT: its points, and whether they grow at most like work to that power.
#
# A tenth of a decade is noise: two medians of the same command differ by so much on a machine that is shared.
plot() {
    printf '\n%s\n' "$1"
    awk -F'\t' -v curve="$1" -v unit="$2" -v most="$3" '
        $1 == curve { work[++count] = $2; value[count] = $3; if (!low || $3 < low) low = $3 }
        END {
            base = log(low) / log(10) - 1
            for (i = 1; i <= count; i++) {
                bar = ""
                for (j = 0; j < (log(value[i]) / log(10) - base) * 10; j++) bar = bar "█"
                printf "%8d %10.2f %-16s %s\n", work[i], value[i], unit, bar
            }
            grown = log(value[count] / value[1])
            allowed = most * log(work[count] / work[1])
            printf "%8s grows as n^%.2f; its work as n^%.2f: %s\n", "", grown / log(work[count] / work[1]), most,
                grown <= allowed + log(10) / 10 ? "met" : "missed"
        }' "$work/points"
}

# containers_up_to NUMBER: so many run, started by one script.
containers_up_to() {
    local number
    for ((number = running + 1; number <= $1; number++)); do
        echo "run -d --name many$number starter sleep 100000"
    done >"$work/many.dsh"
    if [ -s "$work/many.dsh" ]; then "$dsh" "$work/many.dsh" >/dev/null; fi
    running=$1
}

curve_containers() {
    local number running=0
    for number in 1 10 100 1000; do
        containers_up_to "$number"
        command_row run "$dsh" run --rm starter true
        command_row exec "$dsh" exec many1 true
        command_row ps "$dsh" ps -a
        command_row logs "$dsh" logs many1
        timed "$rounds"
        point 'dsh run --rm starter true, beside so many containers that run' "$number" 1 run
        point 'dsh exec C true, beside so many containers that run' "$number" 1 exec
        point 'dsh logs C, beside so many containers that run' "$number" 1 logs
        point 'dsh ps -a of so many containers' "$number" 1 ps
    done
    plot 'dsh run --rm starter true, beside so many containers that run' ms 0
    plot 'dsh exec C true, beside so many containers that run' ms 0
    plot 'dsh logs C, beside so many containers that run' ms 0
    plot 'dsh ps -a of so many containers' ms 1
    local started ended
    started=$(date +%s%N)
    "$dsh" ps -q | xargs "$dsh" rm -f >/dev/null
    ended=$(date +%s%N)
    printf '\n%s\n' "dsh rm -f of 1,000 containers that run, in one command: $(((ended - started) / 1000000)) ms"
}

# layered_archive NUMBER: an image of so many layers, the first one the starter's tree and each other one file.
layered_archive() {
    local place="$work/layers" number digests=() files=()
    rm -rf "$place" && mkdir -p "$place/tree"
    tar -c -C "$rootfs" -f "$place/0.tar" .
    for ((number = 1; number < $1; number++)); do
        echo "$number" >"$place/tree/file$number"
        tar -c -C "$place/tree" -f "$place/$number.tar" "file$number"
    done
    for ((number = 0; number < $1; number++)); do
        digests+=("\"sha256:$(sha256sum "$place/$number.tar" | cut -d' ' -f1)\"")
        files+=("\"$number.tar\"")
    done
    (
        IFS=,
        printf '{"architecture":"%s","os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}' \
            "$(dpkg --print-architecture)" "${digests[*]}" >"$place/config.json"
        printf '[{"Config":"config.json","RepoTags":["layers%s:latest"],"Layers":[%s]}]' "$1" "${files[*]}" \
            >"$place/manifest.json"
    )
    # shellcheck disable=SC2046 # one word a file
    tar -c -C "$place" -f "$work/layers$1.tar" manifest.json config.json $(seq -f '%.0f.tar' 0 $(($1 - 1)))
    rm -rf "$place"
}

curve_layers() {
    local number
    for number in 1 10 100; do
        layered_archive "$number"
        command_row load before="$dsh rmi -f layers$number >/dev/null 2>&1; sync -f $work" \
            "$dsh" load -q -i "$work/layers$number.tar"
        command_row run "$dsh" run --rm --network none "layers$number" true
        timed "$rounds"
        rm "$work/layers$number.tar"
        point 'dsh load of an image of so many layers' "$number" 1 load
        point 'dsh run --rm --network none of an image of so many layers' "$number" 1 run
    done
    plot 'dsh load of an image of so many layers' ms 1
    plot 'dsh run --rm --network none of an image of so many layers' ms 1
}

curve_concurrent() {
    local number line
    for number in 1 2 4 8 16 32 64; do
        line="for i in $(seq -s ' ' "$number"); do $dsh run --rm starter true & all=\"\$all \$!\"; done"
        command_row run "per=$number" /bin/sh -c "$line; for i in \$all; do wait \$i || exit 1; done"
        timed "$rounds"
        point 'dsh run --rm starter true, so many at once: each' "$number" 1 run
    done
    plot 'dsh run --rm starter true, so many at once: each' ms 0
}

draw_curves() {
    : >"$work/points"
    curve_containers
    curve_layers
    curve_concurrent
}
