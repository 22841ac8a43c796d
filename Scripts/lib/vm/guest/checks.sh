# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced by the emulated machine's init: how a check says what came of it, one line each.

# equals NAME EXPECTED ACTUAL: is this what was expected, to the letter?
equals() {
    if [ "$3" = "$2" ]; then passed "$1"; else failed "$1" "should be '$2'" "$3"; fi
}

# contains NAME EXPECTED ACTUAL: is what was expected a part of this?
contains() {
    case $3 in
        *"$2"*) passed "$1" ;;
        *) failed "$1" "should have '$2' in it" "$3" ;;
    esac
}

# succeeds NAME COMMAND…: does it end with 0? What it prints is kept from view unless it fails.
succeeds() {
    name=$1
    shift
    if quietly "$@"; then passed "$name"; else failed "$name" "should end with 0" "$? $(cat "$said")"; fi
}

# absent NAME PATH: is nothing there?
absent() {
    if [ -e "$2" ]; then failed "$1" "should not be there" "$2"; else passed "$1"; fi
}

# status COMMAND…: its exit status, and nothing else.
status() {
    quietly "$@"
    echo $?
}

# quietly COMMAND…: keeps what it prints from view.
quietly() { "$@" > "$said" 2>&1; }

# until_true COMMAND…: waits for the command to succeed; whether it did in time is for the next check to say.
until_true() {
    rounds=0
    until quietly "$@"; do
        rounds=$((rounds + 1))
        [ $rounds -lt 50 ] || return 1
        usleep 200000
    done
}

# logs_have NAME TEXT: did the container print this by now?
logs_have() { dsh logs "$1" 2>&1 | grep -q "$2"; }

# serves ADDRESS PORT: does a server answer there?
serves() { [ "$(fetch "$1" "$2")" = served ]; }

# field NAME TEMPLATE: what inspect says about a container.
field() { dsh inspect --format "{{$2}}" "$1"; }

# group NAME: the directory of a container's control group.
group() { echo /sys/fs/cgroup/dsh/*-"$(field "$1" .Id)"; }

# fetch ADDRESS PORT [COMMAND…]: what a server answers about /web; the command runs the client.
fetch() {
    address=$1 port=$2
    shift 2
    printf 'GET /web HTTP/1.0\r\n\r\n' | "$@" nc -w 10 "$address" "$port" 2>&1 | tail -n 1
}

passed() { printf 'ok      %s\n' "$1"; }

failed() {
    printf 'FAILED  %s\n' "$1"
    printf '%s\n' "it $2, and is:" "$3" | sed 's/^/            /'
}

# Each part of the checks has a file of its own for what nobody needs to see.
said=$(mktemp)
