# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# After a power cut: nothing is shown running that is not, and everything goes on.

equals "nothing runs" "" "$(dsh ps -q)"
contains "what ran is shown as ended" "Exited (255)" "$(dsh ps -a --filter name=kept)"
equals "what had --rm is gone" "kept" "$(dsh ps -a --format '{{.Names}}')"
equals "system check finds nothing" "nothing to mend" "$(dsh system check 2>&1)"
succeeds "what ran starts again" dsh start kept
until_true serves 127.0.0.1 8080
equals "its port answers again" "served" "$(fetch 127.0.0.1 8080)"
equals "on the machine's other addresses too" "served" "$(fetch 10.88.77.1 8080)"
equals "run works as before" "works" "$(dsh run --rm starter echo works 2>&1)"
succeeds "stop ends it" dsh stop -t 0 kept
succeeds "rm removes it" dsh rm kept
equals "system check finds nothing at the end" "nothing to mend" "$(dsh system check 2>&1)"
