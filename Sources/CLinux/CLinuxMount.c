// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

const uint64_t clinux_attr_read_only = MOUNT_ATTR_RDONLY, clinux_attr_no_suid = MOUNT_ATTR_NOSUID,
               clinux_attr_no_dev = MOUNT_ATTR_NODEV, clinux_attr_no_exec = MOUNT_ATTR_NOEXEC,
               clinux_attr_no_atime = MOUNT_ATTR_NOATIME, clinux_attr_strict_atime = MOUNT_ATTR_STRICTATIME,
               clinux_attr_atime_mask = MOUNT_ATTR__ATIME, clinux_attr_no_dir_atime = MOUNT_ATTR_NODIRATIME,
               clinux_attr_no_symlinks = 0x00200000;  // MOUNT_ATTR_NOSYMFOLLOW
const uint64_t clinux_mount_private = MS_PRIVATE, clinux_mount_slave = MS_SLAVE, clinux_mount_shared = MS_SHARED,
               clinux_mount_recursive = MS_REC;

int clinux_fsopen(const char *type) { return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC); }

int clinux_fsconfig_set_flag(int context, const char *key) {
    return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, key, NULL, 0);
}

int clinux_fsconfig_set_string(int context, const char *key, const char *value) {
    return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value, 0);
}

int clinux_fsconfig_set_descriptor(int context, const char *key, int value) {
    return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_FD, key, NULL, value);
}

int clinux_fsconfig_create(int context) {
    return (int)syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int clinux_fsmount(int context, uint64_t attributes) {
    return (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes);
}

int clinux_open_tree(int directory, const char *path, int recursive) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
    return (int)syscall(SYS_open_tree, directory, path, path[0] ? flags : flags | AT_EMPTY_PATH);
}

int clinux_move_mount(int tree, int directory, const char *path) {
    unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | (path[0] ? 0 : MOVE_MOUNT_T_EMPTY_PATH);
    return (int)syscall(SYS_move_mount, tree, "", directory, path, flags);
}

int clinux_mount_setattr(int tree, int recursive, uint64_t set, uint64_t clear, uint64_t propagation) {
    struct mount_attr attributes = {.attr_set = set, .attr_clr = clear, .propagation = propagation};
    unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    return (int)syscall(SYS_mount_setattr, tree, "", flags, &attributes, sizeof attributes);
}

int clinux_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *options) {
    return mount(source, target, type, flags, options);
}

int clinux_unmount_detached(const char *path) { return umount2(path, MNT_DETACH); }

int clinux_pivot_root(const char *new_root, const char *old_root) {
    return (int)syscall(SYS_pivot_root, new_root, old_root);
}
