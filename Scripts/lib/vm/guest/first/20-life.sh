# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # what stands in single quotes is for the container's shell
# A container's life, seen from outside.

quietly dsh run -d --name life -h inside starter \
    sh -c 'trap "echo ended; exit 4" TERM; echo begun; while :; do usleep 100000; done'
until_true logs_have life begun
equals "logs has what was printed" "begun" "$(dsh logs life 2>&1)"
equals "exec runs beside the program, in the same control group" "inside 0::/" \
    "$(dsh exec life sh -c 'echo $(hostname) $(cat /proc/self/cgroup)' 2>&1)"
group=$(group life)
equals "the host sees the program in the container's group" "0::${group#/sys/fs/cgroup}" \
    "$(cat "/proc/$(field life .State.Pid)/cgroup")"
succeeds "stop" dsh stop -t 30 life
equals "ends it with its own status" 4 "$(field life .State.ExitCode)"
absent "and takes its control group away" "$group"
succeeds "start runs it once more" dsh start life
succeeds "kill" dsh kill life
equals "ends it at once" 137 "$(dsh wait life 2>&1)"

quietly dsh run -d -t --name terminal starter sh -c 'tty; echo to the console > /dev/console; sleep 600'
until_true logs_have terminal console
contains "-t gives a terminal" "/dev/pts/0" "$(dsh logs terminal 2>&1)"
echo outside > /tmp/file
succeeds "cp takes a file in" dsh cp /tmp/file terminal:/file
equals "and it is there" "outside" "$(dsh exec terminal cat /file 2>&1)"
succeeds "rm -f ends and removes" dsh rm -f terminal life
equals "-v shows a file of the host's" "outside" "$(dsh run --rm -v /tmp/file:/bound:ro starter cat /bound 2>&1)"
equals "--tmpfs is memory to write to" "tmpfs" \
    "$(dsh run --rm --tmpfs /scratch starter sh -c 'grep /scratch /proc/mounts | cut -d " " -f 3' 2>&1)"
contains "--read-only cannot be written" "Read-only file system" \
    "$(dsh run --rm --read-only starter touch /file 2>&1)"
