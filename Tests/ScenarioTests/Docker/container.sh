# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2012 # what ls prints is what is compared
# What a default container is, seen by its own shell, one fact a line; what every machine has otherwise is left out.
fact() { sed "s|^|$1: |"; }
grep -E '^(Uid|Gid|Groups|Umask|Cap...|NoNewPrivs|Seccomp|SigIgn|SigBlk):' /proc/self/status |
    tr '\t' ' ' | sed 's/ *$//' | fact status
echo "$(cat /proc/self/oom_score_adj) $(cat /proc/self/personality)" | fact 'oom_score_adj, personality'
id | fact id
# Number of processes, of open files and of signals, locked memory and core files are as the machine lets the engine.
sed 1d /proc/self/limits | grep -vE '^Max (processes|open files|pending signals|locked memory|core file size)' |
    sed 's/  *$//; s/   */, /g' | fact limit
awk '{ i = 7; while ($i != "-") i++
       if ($5 ~ "^/etc/") type = "file"
       else type = $(i + 1)
       if ($5 ~ "^/sys/fs/cgroup/") print "of a control group", $6
       else print $5, $6, type }' /proc/self/mountinfo | sort -u | fact mount
ls -l /dev | awk 'NR > 1 { print $1, $3, $4, $5 ~ /,$/ ? $5 $6 : "", $(NF - 2) == "" ? "" : $NF }' | tr -s ' ' | fact device
ls -1 /dev | fact 'name in /dev'
for p in /proc/acpi /proc/asound /proc/interrupts /proc/kcore /proc/keys /proc/latency_stats /proc/sched_debug \
    /proc/scsi /proc/timer_list /proc/timer_stats /sys/devices/virtual/powercap /sys/firmware; do
    if [ -d $p ]; then echo "$p $(ls -A $p | wc -l) entries"; elif [ -e $p ]; then echo "$p $(wc -c <$p) bytes"; fi
done | fact masked
for p in /proc/bus /proc/fs /proc/irq /proc/sys /sys/kernel; do
    file=$(find $p -type f -perm -200 | head -n 1)
    [ -z "$file" ] || (: >>"$file") 2>&1 | sed "s|.*: |$p: |"
done | fact written
for s in ipv4/ip_unprivileged_port_start ipv4/ping_group_range ipv4/ip_forward ipv6/conf/all/disable_ipv6; do
    echo "$s $(tr '\t' ' ' <"/proc/sys/net/$s")"
done | fact setting
for f in / /proc /sys /etc/hosts /etc/hostname /etc/resolv.conf /etc/mtab /.dockerenv; do
    if [ -e $f ] || [ -L $f ]; then stat -c '%n %F %a %u:%g' $f; fi
done | fact file
env | sed -E 's/^HOSTNAME=[0-9a-f]{12}$/HOSTNAME=twelve digits/' | sort | fact variable
cut -d: -f3 /proc/self/cgroup | sed -E 's/[0-9a-f]{64}/ID/' | sort -u | fact 'control group'
awk 'NR > 2 { print $1 }' /proc/net/dev | fact interface
