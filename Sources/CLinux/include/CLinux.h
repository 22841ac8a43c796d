// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

#include "CLinuxFiles.h"
#include "CLinuxNetwork.h"
#include "CLinuxStorage.h"

// Each returns what the system call returns and leaves errno, unless it says otherwise. Here are only: variadic calls,
// which Swift cannot make; calls that glibc declares for _GNU_SOURCE only, or not at all; structures with odd layouts.

// Files.
int clinux_openat(int directory, const char *path, int flags, mode_t mode);
int clinux_duplicate(int descriptor);
int clinux_duplicate_past(int descriptor, int first);
int clinux_set_nonblocking(int descriptor, int on);
int clinux_set_inheritable(int descriptor);
int clinux_is_on_proc(int descriptor);
int clinux_close_from(int first);
/// Both ends included.
int clinux_close_between(int first, int last);
int clinux_mark_close_on_exec_from(int first);
int clinux_make_device(int directory, const char *path, mode_t type_and_mode, uint32_t major, uint32_t minor);
/// OFD locks (fcntl(2)): exclusive, on the whole file, held by the open file.
int clinux_lock(int descriptor);
int clinux_lock_waiting(int descriptor);
int clinux_lock_byte(int descriptor, int64_t place);
/// 1 where somebody else holds the lock, 0 where nobody does.
int clinux_is_locked(int descriptor);

// Streams.
int clinux_pipe(int *reading, int *writing);
int clinux_memory_file(const char *name);
ssize_t clinux_write_three(
    int descriptor, const void *first, size_t first_count, const void *second, size_t second_count, const void *third,
    size_t third_count);

// Unix sockets.
int clinux_socket_pair(int keeps_boundaries, int *one, int *other);
int clinux_unix_socket(void);
int clinux_unix_bind(int socket, const char *path);
int clinux_unix_connect(int socket, const char *path);
/// `passed` is a descriptor that goes along, or -1.
ssize_t clinux_send(int socket, const void *bytes, size_t count, int passed);
/// Two parts one after the other, without waiting.
ssize_t clinux_send_now(
    int socket, const void *first, size_t first_count, const void *second, size_t second_count);
/// `passed` becomes the descriptor that came along, close-on-exec, or -1.
ssize_t clinux_receive(int socket, void *bytes, size_t count, int *passed);

// Terminals.
int clinux_terminal_unlock(int leader);
int clinux_terminal_follower(int leader);
int clinux_terminal_number(int leader);
int clinux_terminal_resize(int terminal, uint16_t rows, uint16_t columns);
int clinux_terminal_size(int terminal, uint16_t *rows, uint16_t *columns);
int clinux_terminal_control(int terminal);
int clinux_window_change(int terminal);

// Mounts: fsopen(2) and its kin.
int clinux_fsopen(const char *type);
int clinux_fsconfig_set_flag(int context, const char *key);
int clinux_fsconfig_set_string(int context, const char *key, const char *value);
int clinux_fsconfig_set_descriptor(int context, const char *key, int value);
int clinux_fsconfig_create(int context);
int clinux_fsmount(int context, uint64_t attributes);
int clinux_open_tree(int directory, const char *path, int recursive);
int clinux_move_mount(int tree, int directory, const char *path);
int clinux_mount_setattr(int tree, int recursive, uint64_t set, uint64_t clear, uint64_t propagation);
int clinux_mount(const char *source, const char *target, const char *type, uint64_t flags, const char *options);
int clinux_unmount_detached(const char *path);
int clinux_pivot_root(const char *new_root, const char *old_root);
extern const uint64_t clinux_attr_read_only, clinux_attr_no_suid, clinux_attr_no_dev, clinux_attr_no_exec,
    clinux_attr_no_atime, clinux_attr_strict_atime, clinux_attr_atime_mask, clinux_attr_no_dir_atime,
    clinux_attr_no_symlinks;
extern const uint64_t clinux_mount_private, clinux_mount_slave, clinux_mount_shared, clinux_mount_recursive;

// Namespaces and processes.
extern const uint64_t clinux_new_mount, clinux_new_pid, clinux_new_net, clinux_new_uts, clinux_new_ipc,
    clinux_new_cgroup;
/// clone3(2) like fork(2); `cgroup` is a directory of the unified tree, or -1; `pidfd` takes the child's pidfd.
pid_t clinux_clone(uint64_t namespaces, int cgroup, int *pidfd);
int clinux_setns(int descriptor, uint64_t namespaces);
int clinux_unshare(uint64_t namespaces);
int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_signal(int pidfd, int signal);
int clinux_reap(pid_t *pid, int *exited, int *status);
int clinux_signal_descriptor(const sigset_t *signals);
/// Also for the two that the C library keeps for itself.
int clinux_signal_default(int number);
int clinux_exit_now(int status) __attribute__((noreturn));
int clinux_execute_descriptor(int descriptor, char *const *arguments, char *const *environment);
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first);
int clinux_spawn_start_in(posix_spawn_file_actions_t *actions, const char *directory);

// Credentials and limits.
int clinux_prctl(int option, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth);
extern const int clinux_pr_set_pdeathsig, clinux_pr_set_dumpable, clinux_pr_set_keepcaps, clinux_pr_capbset_drop,
    clinux_pr_capbset_read, clinux_pr_cap_ambient, clinux_pr_cap_ambient_raise, clinux_pr_cap_ambient_clear_all,
    clinux_pr_set_no_new_privs, clinux_pr_set_name, clinux_pr_set_child_subreaper;
int clinux_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);
int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int clinux_set_user(uint32_t uid);
int clinux_set_group(uint32_t gid);
int clinux_set_groups(const uint32_t *groups, size_t count);
int clinux_set_limit(uint32_t resource, uint64_t soft, uint64_t hard);
int clinux_get_limit(uint32_t resource, uint64_t *soft, uint64_t *hard);
int clinux_load_seccomp(const void *instructions, size_t count);
int clinux_join_session_keyring(const char *name);
int clinux_set_host_name(const char *name, size_t count);
int clinux_set_domain_name(const char *name, size_t count);
int clinux_raise_loopback(void);

// bpf(2), for the devices of cgroup v2.
int clinux_load_device_program(const uint64_t *instructions, uint32_t count);
int clinux_attach_device_program(int cgroup, int program);

int clinux_is_unified_cgroup(const char *path);
int clinux_is_socket(int descriptor);
