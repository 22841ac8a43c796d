# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What is left when everything was taken away, and what the power cut will meet.

succeeds "container prune" dsh container prune -f
equals "leaves no container" "" "$(dsh ps -aq)"
equals "system check finds nothing" "nothing to mend" "$(dsh system check 2>&1)"
equals "no control group is left" "" "$(ls -d /sys/fs/cgroup/dsh/*/ 2> /dev/null)"
equals "no mount is left" "" "$(grep /dsh/ /proc/mounts)"
equals "no supervisor is left" "" "$(pidof dsh-monitor)"

quietly dsh run -d --name kept -p 8080:80 -v /guest:/srv:ro starter sh -c 'date > /begun; exec httpd -f -h /srv'
quietly dsh run -d --rm --name passing starter sleep 600
until_true serves 127.0.0.1 8080
equals "two containers run as the power is cut" 2 "$(dsh ps -q | wc -l)"
