# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2016 # what stands in single quotes is for the container's shell
# Layers: Linux before 6.7 takes all of them in one string of options that has to fit into a page.

succeeds "load of an image of 120 layers" dsh load -i /root/layered.tar
equals "the topmost is on top, every one is there, what one takes away is gone" "120 120 /only-120" \
    "$(dsh run --rm layered sh -c 'echo $(cat /newest) $(ls /layers | wc -l) /only-*' 2>&1)"
quietly dsh create --name thick layered sh -c 'cat /written; echo kept > /written'
contains "a container over them starts" "No such file" "$(dsh start -a thick 2>&1)"
equals "and starts again, with what it wrote" "kept" "$(dsh start -a thick 2>&1)"
succeeds "cp takes a file out of it when it is stopped" dsh cp thick:/written /tmp/written
equals "and the file is whole" "kept" "$(cat /tmp/written)"
succeeds "rm removes it" dsh rm thick
equals "the kernel has nothing to say about overlays" "" "$(dmesg | grep overlayfs)"
