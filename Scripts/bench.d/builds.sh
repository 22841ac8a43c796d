# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # variables of Scripts/bench
# Sourced by Scripts/bench: the rows of builds, beside BuildKit as Debian's docker.io has it.

# build_row NAME WORD…: the same build, without a network, for dsh and, where it is here, for BuildKit.
build_row() {
    local name=$1
    shift
    command_row "dsh $name" "$dsh" build -q --network none "$@"
    if [ ${#docker[@]} -gt 0 ]; then
        command_row "buildkit $name" /usr/bin/env DOCKER_BUILDKIT=1 "${docker[@]}" build -q --network none "$@"
    fi
}

# build_goal NAME RATIO: at most so many times BuildKit.
build_goal() { if [ ${#docker[@]} -gt 0 ]; then goal "dsh $1" "buildkit $1" "$2"; fi; }

# build_both WORD…: once for each, so that what follows finds it in the cache.
build_both() {
    "$dsh" build -q --network none "$@" >/dev/null
    if [ ${#docker[@]} -gt 0 ]; then
        DOCKER_BUILDKIT=1 "${docker[@]}" build -q --network none "$@" >/dev/null
    fi
}

row_build() {
    heading "a build of 10 instructions, 3 of them RUN, on the starter"
    local context="$work/ten"
    mkdir -p "$context"
    echo 'console.log("hello")' >"$context/server.js"
    cat >"$context/Dockerfile" <<'DOCKERFILE'
FROM starter
ENV MODE=production
WORKDIR /app
RUN echo one >one
COPY server.js .
RUN echo two >two
RUN rm one
LABEL course=docker
EXPOSE 3000
CMD ["cat", "server.js"]
DOCKERFILE
    build_both "$context"
    build_row '10, no cache' --no-cache "$context"
    build_row '10, cached' "$context"
    build_goal '10, no cache' 0.2
    build_goal '10, cached' 0.4
    measure
}

# files CONTEXT COUNT BYTES: a context of so many files in ten directories, copied by its Dockerfile.
files() {
    local context=$1 count=$2 bytes=$3 number
    for number in {0..9}; do
        mkdir -p "$context/files/$number"
        head -c $((count * bytes / 10)) /dev/urandom | split -a 5 -d -b "$bytes" - "$context/files/$number/"
    done
    printf 'FROM starter\nCOPY files /files\n' >"$context/Dockerfile"
}

row_context() {
    heading "COPY of 10,000 files, 200 MB, and of 100,000 small ones"
    files "$work/large" 10000 20000
    files "$work/small" 100000 100
    build_both "$work/large"
    build_both "$work/small"
    build_row '200 MB, no cache' --no-cache "$work/large"
    build_row '200 MB, cached' "$work/large"
    build_row '100,000 files, cached' "$work/small"
    build_goal '200 MB, no cache' 0.5
    build_goal '200 MB, cached' 0.5
    goal 'dsh 100,000 files, cached' 'dsh 200 MB, cached' 12
    measure
    heading "the most memory that a build takes (MB)"
    {
        peak_of '200 MB, no cache' --no-cache "$work/large"
        peak_of '100,000 files, no cache' --no-cache "$work/small"
    } >"$work/times"
    limit '200 MB, no cache' 100 MB
    limit '100,000 files, no cache' 100 MB
    report
    rm -rf "$work/large" "$work/small"
}

# peak_of NAME WORD…: the most resident memory of dsh at once, in MB.
peak_of() {
    local name=$1
    shift
    /usr/bin/time -f %M -o "$work/peak" "$dsh" build -q "$@" >/dev/null
    awk -v name="$name" '{ printf "%s\t%.1f\n", name, $1 / 1024 }' "$work/peak"
}
