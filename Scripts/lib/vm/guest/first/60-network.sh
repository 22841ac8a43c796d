# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Networks. The modules that they need are loaded by the kernel as it is asked for them.

quietly dsh run -d --name web -p 8080:80 -v /guest:/srv:ro starter httpd -f -h /srv
until_true serves 127.0.0.1 8080
contains "ps shows a published port" "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp" "$(dsh ps)"
equals "it answers on 127.0.0.1" "served" "$(fetch 127.0.0.1 8080)"
equals "and on [::1]" "served" "$(fetch ::1 8080)"
equals "and on the machine's other addresses" "served" "$(fetch 10.88.77.1 8080)"
equals "and to another container" "served" "$(fetch 10.88.77.1 8080 dsh run -i --rm starter)"
equals "and to itself" "served" "$(fetch 10.88.77.1 8080 dsh exec -i web)"
equals "a container answers another by its own address" "served" \
    "$(fetch "$(field web .NetworkSettings.IPAddress)" 80 dsh run -i --rm starter)"
contains "two containers cannot have one port" "port is already allocated" \
    "$(dsh run --rm -p 8080:80 starter true 2>&1)"
equals "--network none is a loopback and nothing else" "lo" \
    "$(dsh run --rm --network none starter ls /sys/class/net 2>&1)"
succeeds "rm -f" dsh rm -f web
contains "frees the port" "Connection refused" "$(fetch 127.0.0.1 8080)"
equals "and takes the interface away" "" "$(ls -d /sys/class/net/veth* 2> /dev/null)"
