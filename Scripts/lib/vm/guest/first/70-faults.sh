# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# A supervisor that is killed: all that its container runs goes too, by cgroup.kill.

quietly dsh run -d --name orphan starter sh -c 'sleep 600 & sleep 600 & sleep 600'
group=$(group orphan)
for monitor in $(pidof dsh-monitor); do
    grep -q "${group##*-}" "/proc/$monitor/cmdline" && kill -9 "$monitor"
done
contains "a container whose supervisor was killed does not run" "Exited (137)" "$(dsh ps -a --filter name=orphan)"
absent "nothing of it runs" "$group"
succeeds "rm removes it" dsh rm orphan

# What was frozen from outside is no reason to hang.
quietly dsh run -d --name frozen starter sh -c 'sleep 600 & sleep 600'
group=$(group frozen)
echo 1 > "$group/cgroup.freeze"
until_true grep -q "frozen 1" "$group/cgroup.events"
equals "a frozen container is shown" "frozen" "$(dsh ps --format '{{.Names}}')"
succeeds "kill" dsh kill frozen
equals "ends it" 137 "$(dsh wait frozen 2>&1)"
absent "and takes the control group away" "$group"
succeeds "rm" dsh rm frozen
