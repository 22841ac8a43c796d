// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const uint64_t clinux_new_mount = CLONE_NEWNS, clinux_new_pid = CLONE_NEWPID, clinux_new_net = CLONE_NEWNET,
               clinux_new_uts = CLONE_NEWUTS, clinux_new_ipc = CLONE_NEWIPC, clinux_new_cgroup = CLONE_NEWCGROUP;

pid_t clinux_clone(uint64_t namespaces, int cgroup, int *pidfd) {
    struct clone_args arguments = {
        .flags = namespaces | CLONE_PIDFD, .exit_signal = SIGCHLD, .pidfd = (uint64_t)(uintptr_t)pidfd};
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)cgroup;
    }
    pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    // Docker's seccomp profile answers ENOSYS inside a container, since a filter cannot read clone3's flags: --init
    // meets it.
    if (child < 0 && errno == ENOSYS && cgroup < 0)
        child = (pid_t)syscall(SYS_clone, namespaces | CLONE_PIDFD | SIGCHLD, NULL, pidfd, NULL, 0UL);
    return child;
}

int clinux_setns(int descriptor, uint64_t namespaces) { return setns(descriptor, (int)namespaces); }
int clinux_unshare(uint64_t namespaces) { return unshare((int)namespaces); }
int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
int clinux_pidfd_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int clinux_reap(pid_t *pid, int *exited, int *status) {
    int raw = 0;
    *pid = waitpid(-1, &raw, WNOHANG);
    if (*pid < 0) return errno == ECHILD ? (*pid = 0) : -1;
    *exited = WIFEXITED(raw);
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : WTERMSIG(raw);
    return 0;
}

int clinux_signal_default(int number) {
    // The kernel's structure: a handler, flags, a restorer, and a mask of 64 bits. All zero is SIG_DFL.
    uint64_t action[4] = {0};
    return (int)syscall(SYS_rt_sigaction, number, action, NULL, sizeof(uint64_t));
}

int clinux_signal_descriptor(const sigset_t *signals) { return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK); }

int clinux_exit_now(int status) { _exit(status); }

int clinux_execute_descriptor(int descriptor, char *const *arguments, char *const *environment) {
    return execveat(descriptor, "", arguments, environment, AT_EMPTY_PATH);
}

int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int clinux_spawn_start_in(posix_spawn_file_actions_t *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}

const int clinux_pr_set_pdeathsig = PR_SET_PDEATHSIG, clinux_pr_set_dumpable = PR_SET_DUMPABLE,
          clinux_pr_set_keepcaps = PR_SET_KEEPCAPS, clinux_pr_capbset_drop = PR_CAPBSET_DROP,
          clinux_pr_capbset_read = PR_CAPBSET_READ, clinux_pr_cap_ambient = PR_CAP_AMBIENT,
          clinux_pr_cap_ambient_raise = PR_CAP_AMBIENT_RAISE,
          clinux_pr_cap_ambient_clear_all = PR_CAP_AMBIENT_CLEAR_ALL,
          clinux_pr_set_no_new_privs = PR_SET_NO_NEW_PRIVS, clinux_pr_set_name = PR_SET_NAME,
          clinux_pr_set_child_subreaper = PR_SET_CHILD_SUBREAPER;

int clinux_prctl(int option, uint64_t first, uint64_t second, uint64_t third, uint64_t fourth) {
    return prctl(option, first, second, third, fourth);
}

int clinux_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    if (syscall(SYS_capget, &header, sets) < 0) return -1;
    *effective = sets[0].effective | (uint64_t)sets[1].effective << 32;
    *permitted = sets[0].permitted | (uint64_t)sets[1].permitted << 32;
    *inheritable = sets[0].inheritable | (uint64_t)sets[1].inheritable << 32;
    return 0;
}

int clinux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}};
    return (int)syscall(SYS_capset, &header, sets);
}

// Straight to the kernel: these processes have one thread, and glibc's wrappers would ask about others.
int clinux_set_user(uint32_t uid) { return (int)syscall(SYS_setresuid, uid, uid, uid); }
int clinux_set_group(uint32_t gid) { return (int)syscall(SYS_setresgid, gid, gid, gid); }
int clinux_set_groups(const uint32_t *groups, size_t count) { return (int)syscall(SYS_setgroups, count, groups); }

int clinux_set_limit(uint32_t resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit(resource, &limit);
}

int clinux_get_limit(uint32_t resource, uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0) return -1;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

int clinux_load_seccomp(const void *instructions, size_t count) {
    struct sock_fprog program = {.len = (unsigned short)count, .filter = (struct sock_filter *)instructions};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int clinux_join_session_keyring(const char *name) {
    return (int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
}

int clinux_raise_loopback(void) {
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control < 0) return -1;
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int result = ioctl(control, SIOCSIFFLAGS, &request);
    int number = errno;
    close(control);
    errno = number;
    return result;
}

int clinux_load_device_program(const uint64_t *instructions, uint32_t count) {
    union bpf_attr attributes = {
        .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
        .insn_cnt = count,
        .insns = (uint64_t)(uintptr_t)instructions,
        .license = (uint64_t)(uintptr_t)"Apache-2.0"};
    return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
}

int clinux_attach_device_program(int cgroup, int program) {
    union bpf_attr attributes = {
        .target_fd = (uint32_t)cgroup,
        .attach_bpf_fd = (uint32_t)program,
        .attach_type = BPF_CGROUP_DEVICE,
        .attach_flags = BPF_F_ALLOW_MULTI};
    return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attributes, sizeof attributes);
}
