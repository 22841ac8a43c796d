# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # what stands in single quotes is for the container's shell
# Limits: what the files of control groups say, and what the kernel does about it.

quietly dsh run -d --name limited -m 64m --cpus 0.5 --pids-limit 20 starter sleep 600
group=$(group limited)
equals "-m is memory.max" 67108864 "$(cat "$group/memory.max")"
equals "and as much swap again" 67108864 "$(cat "$group/memory.swap.max")"
equals "--cpus is cpu.max" "50000 100000" "$(cat "$group/cpu.max")"
equals "--pids-limit is pids.max" 20 "$(cat "$group/pids.max")"
equals "the container reads the same" "67108864 20" \
    "$(dsh exec limited sh -c 'cd /sys/fs/cgroup; echo $(cat memory.max pids.max)' 2>&1)"
contains "and cannot change it" "Read-only file system" \
    "$(dsh exec limited sh -c 'echo max > /sys/fs/cgroup/memory.max' 2>&1)"
equals "inspect has it" 67108864 "$(field limited .HostConfig.Memory)"
equals "what fits into it runs" 0 "$(status dsh exec limited dd if=/dev/zero of=/dev/null bs=32M count=1)"
succeeds "rm -f" dsh rm -f limited
absent "takes the control group away" "$group"

# dd holds one block in memory.
greed="dd if=/dev/zero of=/dev/null bs=64M count=1"
# shellcheck disable=SC2086 # the words of a command
equals "a program that wants more memory is killed" 137 "$(status dsh run --name greedy -m 32m starter $greed)"
equals "and inspect says why" "true 137" "$(field greedy '.State.OOMKilled}} {{.State.ExitCode')"
quietly dsh run --name parent -m 32m starter sh -c "$greed; exit 0"
equals "also where it was a child of the program" "true 0" "$(field parent '.State.OOMKilled}} {{.State.ExitCode')"
quietly dsh run --name modest -m 32m starter true
equals "and not where nothing was killed" "false 0" "$(field modest '.State.OOMKilled}} {{.State.ExitCode')"
succeeds "rm removes all three" dsh rm greedy parent modest

contains "the pids limit stops a fork" "can't fork: Resource temporarily unavailable" \
    "$(dsh run --rm --pids-limit 8 starter sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 30 & done' 2>&1)"
equals "--cpus holds a loop back" "held back" "$(
    dsh run --rm --cpus 0.2 starter sh -c 'timeout 1 sh -c "while :; do :; done"; cat /sys/fs/cgroup/cpu.stat' 2>&1 |
        awk '$1 == "nr_throttled" { print ($2 > 2 ? "held back" : $0) }'
)"
