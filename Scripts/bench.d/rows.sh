# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of Scripts/bench
# Sourced by Scripts/bench: the rows, each a function that says what is timed and what is to be reached.

all_rows=(start script version exec lines logs stream memory load shell key build context)

# command NAME [SETTING…] WORD…: one to be timed in the next `measure`; settings are those of paired.c.
command_row() { (IFS=$'\t' && printf '%s\n' "$*") >>"$work/commands"; }

# goal NAME YARDSTICK RATIO: at most so many times the yardstick.
# limit NAME VALUE UNIT: at most so much; UNIT is ms, p99ms (of 99 of 100) or MB.
goal() { (IFS=$'\t' && printf 'ratio\t%s\n' "$*") >>"$work/goals"; }
limit() { (IFS=$'\t' && printf 'limit\t%s\n' "$*") >>"$work/goals"; }

# measure: times what was collected, and reports it with its goals.
measure() {
    "$tools/paired" "$rounds" <"$work/commands" >"$work/times"
    report
}

report() {
    touch "$work/goals"
    awk -f "$parts/report.awk" "$work/goals" "$work/times" | tee -a "$work/report"
    rm -f "$work/commands" "$work/goals"
}

# conclude: the goals again in one list; the status says whether all are reached.
conclude() {
    printf '\n%s\n' "all goals"
    grep '  goal ' "$work/report"
    if grep -q '  missed' "$work/report"; then return 1; fi
}

heading() { printf '\n%s\n' "$*"; }

floor_rows() {
    command_row /bin/true /bin/true
    command_row 'floor A' "$tools/floor" "$rootfs" "$work/scratch" - /bin/true
    command_row 'floor B' "$tools/floor" "$rootfs" "$work/scratch" floor /bin/true
    command_row 'runc run' "$(command -v runc)" --root "$work/runc" run --bundle "$work/bundle" bench
}

# podman_goal NAME YARDSTICK RATIO MILLISECONDS: beside Podman, or at most so long where there is none.
podman_goal() {
    if [ ${#podman[@]} -gt 0 ]; then goal "$1" "$2" "$3"; else limit "$1" "$4" ms; fi
}

# peer_row NAME [SETTING…] -- WORD…: the same words for Docker and Podman.
peer_row() {
    local name=$1 settings=()
    shift
    while [ "$1" != -- ]; do settings+=("$1") && shift; done
    shift
    if [ ${#docker[@]} -gt 0 ]; then command_row "docker $name" "${settings[@]}" "${docker[@]}" "$@"; fi
    if [ ${#podman[@]} -gt 0 ]; then
        command_row "podman $name" "${settings[@]}" "netns=$peer_namespace" "${podman[@]}" "$@"
    fi
}

row_start() {
    heading "a container that runs true"
    floor_rows
    command_row 'dsh run, network none' "$dsh" run --rm --network none starter true
    command_row 'dsh run' "$dsh" run --rm starter true
    peer_row 'run, network none' -- run --rm --network none starter true
    peer_row run -- run --rm starter true
    goal 'dsh run, network none' 'floor A' 6
    goal 'dsh run, network none' 'runc run' 0.6
    goal 'dsh run' 'floor B' 6
    measure
}

row_script() {
    heading "the same from one script of 20 lines, for each line"
    local count=20 line
    for ((line = 0; line < count; line++)); do echo 'run --rm --network none starter true'; done >"$work/none.dsh"
    for ((line = 0; line < count; line++)); do echo 'run --rm starter true'; done >"$work/default.dsh"
    floor_rows
    command_row 'dsh line, network none' per=$count "$dsh" "$work/none.dsh"
    command_row 'dsh line' per=$count "$dsh" "$work/default.dsh"
    goal 'dsh line, network none' 'floor A' 3.5
    goal 'dsh line' 'floor B' 3.5
    measure
}

row_version() {
    heading "version"
    command_row /bin/true /bin/true
    command_row 'dsh version' "$dsh" version
    peer_row version -- version
    goal 'dsh version' /bin/true 10
    measure
}

row_exec() {
    heading "exec of true"
    "$dsh" run -d --name still starter sleep 100000 >/dev/null
    each_peer run -d --name still starter sleep 100000
    command_row /bin/true /bin/true
    command_row 'dsh exec' "$dsh" exec still true
    peer_row exec -- exec still true
    goal 'dsh exec' /bin/true 16
    measure
    "$dsh" rm -f still >/dev/null
    remove_from_peers still
}

# lines_image: the starter with a program that prints lines, for all three.
lines_image() {
    "$dsh" images -q lines | grep -q . && return 0
    cp -a "$rootfs" "$work/lines"
    cp "$tools/lines" "$work/lines/bin/"
    tar -c -C "$work/lines" . >"$work/lines.tar"
    rm -rf "$work/lines"
    "$dsh" import -c 'CMD ["lines"]' "$work/lines.tar" lines:latest >/dev/null
    rm "$work/lines.tar"
    give_peers lines
}

row_lines() {
    heading "a container that prints 1,000,000 lines of 100 bytes"
    lines_image
    command_row 'dsh run, lines' out=100000000 "$dsh" run --rm --network none lines lines 1000000
    peer_row 'run, lines' out=100000000 -- run --rm --network none lines lines 1000000
    podman_goal 'dsh run, lines' 'podman run, lines' 0.7 550
    measure
}

row_logs() {
    heading "logs of it"
    lines_image
    "$dsh" run --name printed --network none lines lines 1000000 >/dev/null
    each_peer run --name printed --network none lines lines 1000000
    command_row 'dsh logs' out=100000000 "$dsh" logs printed
    peer_row logs out=100000000 -- logs printed
    podman_goal 'dsh logs' 'podman logs' 0.2 450
    measure
    "$dsh" rm printed >/dev/null
    remove_from_peers printed
}

row_stream() {
    heading "1 GB through run -i … cat"
    local settings=(in=1000000000 out=1000000000)
    command_row 'dsh run, cat' "${settings[@]}" "$dsh" run -i --rm --network none starter cat
    peer_row 'run, cat' "${settings[@]}" -- run -i --rm --network none starter cat
    podman_goal 'dsh run, cat' 'podman run, cat' 0.3 1250
    measure
}

# memory_of NAME PROCESS…: PSS of each in kB.
memory_of() {
    local process
    printf '%s' "$1"
    shift
    for process in "$@"; do awk '/^Pss:/ { printf "\t%d", $2 }' "/proc/$process/smaps_rollup"; done
    echo
}

row_memory() {
    heading "memory of a supervisor with 50 running (PSS in MB)"
    local number
    for ((number = 1; number <= 50; number++)); do
        "$dsh" run -d --name "still$number" --network none starter sleep 100000 >/dev/null
        each_peer run -d --name "still$number" --network none starter sleep 100000
    done
    {
        # shellcheck disable=SC2046 # one word a process
        memory_of "dsh's monitor" $(cat "$DSH_RUN"/containers/*/lock)
        # shellcheck disable=SC2046 # as above
        memory_of "docker's shim" $(pgrep -f "^[^ ]*containerd-shim.*$work" || true)
        # shellcheck disable=SC2046 # as above
        memory_of "podman's conmon" $(pgrep -f "^[^ ]*conmon .*$work" || true)
    } | awk -F'\t' -v OFS='\t' '{ for (i = 2; i <= NF; i++) $i /= 1024; print }' >"$work/times"
    limit "dsh's monitor" 0.4 MB
    report
    "$dsh" ps -q | xargs "$dsh" rm -f >/dev/null
    # shellcheck disable=SC2046 # one word a container
    remove_from_peers $(seq -f 'still%.0f' 50)
}

# prepare_debian: a Debian root of about 180 MB as the one layer of a Docker archive, kept for the next time.
prepare_debian() {
    local place="$build/bench/debian" digest
    need_packages mmdebstrap isal
    [ -f "$place/image.tar" ] && return 0
    say "Making a Debian root …"
    rm -rf "$place" && mkdir -p "$place"
    mmdebstrap --mode=root --quiet --variant=minbase --include=perl,python3-minimal bookworm "$place/layer.tar"
    digest=$(sha256sum "$place/layer.tar" | cut -d' ' -f1)
    gzip -n "$place/layer.tar"
    printf '{"architecture":"%s","os":"linux","config":{"Cmd":["sh"]},"rootfs":{"type":"layers","diff_ids":["%s"]}}' \
        "$(dpkg --print-architecture)" "sha256:$digest" >"$place/config.json"
    echo '[{"Config":"config.json","RepoTags":["bench-debian:latest"],"Layers":["layer.tar.gz"]}]' \
        >"$place/manifest.json"
    tar -c -f "$place/image.new" -C "$place" manifest.json config.json layer.tar.gz
    mv "$place/image.new" "$place/image.tar"
}

row_load() {
    local place="$build/bench/debian" clear="sync -f $work"
    heading "load of a Debian root, $(gzip -dc "$place/layer.tar.gz" | wc -c | awk '{ printf "%.0f", $1 / 1e6 }') MB"
    command_row 'igzip | tar' before="rm -rf $work/tree; mkdir $work/tree; $clear" \
        /bin/sh -c "igzip -dc $place/layer.tar.gz | tar -x -C $work/tree && sync -f $work"
    command_row 'dsh load' before="$dsh rmi -f bench-debian >/dev/null 2>&1; $clear" \
        /bin/sh -c "$dsh load -q -i $place/image.tar && sync -f $work"
    if [ ${#docker[@]} -gt 0 ]; then
        command_row 'docker load' before="${docker[*]} rmi -f bench-debian >/dev/null 2>&1; $clear" \
            /bin/sh -c "${docker[*]} load -q -i $place/image.tar && sync -f $work"
    fi
    if [ ${#podman[@]} -gt 0 ]; then
        command_row 'podman load' netns="$peer_namespace" \
            before="${podman[*]} rmi -f bench-debian >/dev/null 2>&1; $clear" \
            /bin/sh -c "${podman[*]} load -q -i $place/image.tar && sync -f $work"
    fi
    goal 'dsh load' 'igzip | tar' 1.5
    measure
    rm -rf "$work/tree"
}

row_shell() {
    heading "start of the shell to its first prompt"
    command_row /bin/true /bin/true
    command_row 'dsh to its prompt' until=❯ "$dsh"
    command_row 'bash to its prompt' until='# ' /bin/bash --norc -i
    goal 'dsh to its prompt' /bin/true 30
    measure
}

row_key() {
    heading "a key to its echo, $keys keys"
    "$tools/keys" "$keys" 'key in dsh' "$dsh" -- 'key in bash' /bin/bash --norc -i >"$work/times"
    limit 'key in dsh' 1 p99ms
    report
}
