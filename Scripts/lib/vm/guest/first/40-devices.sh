# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Devices: version 2 has no files for them; a BPF program decides.

disk=$(tr : ' ' < /sys/block/nvme0n1/dev)
equals "/dev/null, /dev/zero and /dev/urandom work" 4 \
    "$(dsh run --rm starter sh -c 'head -c 4 /dev/zero > /dev/null && head -c 4 /dev/urandom | wc -c' 2>&1)"
contains "a node of the kernel's log can be made and not read" "Operation not permitted" \
    "$(dsh run --rm starter sh -c 'mknod /log c 1 11 && cat /log' 2>&1)"
contains "nor one of the disk" "can't open '/disk': Operation not permitted" \
    "$(dsh run --rm starter sh -c "mknod /disk b $disk && cat /disk" 2>&1)"
contains "nor can that be written" "can't create /disk: Operation not permitted" \
    "$(dsh run --rm starter sh -c "mknod /disk b $disk && : > /disk" 2>&1)"
quietly dsh run -d --name devices starter sleep 600
contains "nor by an exec" "can't open '/disk': Operation not permitted" \
    "$(dsh exec devices sh -c "mknod /disk b $disk && cat /disk" 2>&1)"
succeeds "rm -f" dsh rm -f devices
equals "--privileged may read it" 1 \
    "$(dsh run --rm --privileged starter sh -c "mknod /disk b $disk && head -c 1 /disk | wc -c" 2>&1)"
