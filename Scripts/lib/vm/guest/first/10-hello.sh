# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # what stands in single quotes is for the container's shell
# What everybody types first.

equals "the machine has control groups of version 2 alone" 2 "$(dsh info --format '{{.CgroupVersion}}')"
contains "run hello greets" "Hello! A container has just run for you." "$(dsh run hello 2>&1)"
contains "its container has ended with 0" "Exited (0)" "$(dsh ps -a)"
equals "run --rm prints what the program prints" "works" "$(dsh run --rm starter echo works 2>&1)"
equals "run has its program's status" 3 "$(status dsh run --rm starter sh -c 'exit 3')"
equals "standard input reaches the program" "typed" "$(echo typed | dsh run -i --rm starter cat 2>&1)"
equals "run --init has its program's status" 5 "$(status dsh run --rm --init starter sh -c 'exit 5')"
equals "-u is another user" "nobody" "$(dsh run --rm -u nobody starter whoami 2>&1)"
contains "what Docker hides is hidden" "0 0" \
    "$(dsh run --rm starter sh -c 'echo $(wc -c < /proc/keys) $(ls /sys/firmware | wc -l)' 2>&1)"
