// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "probe.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static void say(const char *what, long result) {
    printf("%s: %s\n", what, probe_outcome(result < 0 ? -errno : result));
}

static void try_to_write(const char *path) {
    int file = open(path, O_WRONLY | O_TRUNC);
    if (file < 0) return say(path, file);
    say(path, write(file, "1", 1));
    close(file);
}

static void mounts(char **words) {
    (void)words;
    mkdir("/tmp/m", 0700);
    say("mount tmpfs", mount("x", "/tmp/m", "tmpfs", 0, ""));
    say("mount proc", mount("x", "/tmp/m", "proc", 0, ""));
    say("mount cgroup", mount("x", "/tmp/m", "cgroup", 0, "devices"));
    say("bind", mount("/", "/tmp/m", "", MS_BIND, ""));
    say("remount /proc/sys for writing", mount("", "/proc/sys", "", MS_BIND | MS_REMOUNT, ""));
    say("unmount /proc/sys", umount2("/proc/sys", MNT_DETACH));
    say("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
    say("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE));
    say("pivot_root", syscall(SYS_pivot_root, "/tmp", "/tmp/m"));
}

static void devices(char **words) {
    for (; words[0] && words[1] && words[2]; words += 3) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/%s-%s-%s", words[0], words[1], words[2]);
        mode_t kind = words[0][0] == 'b' ? S_IFBLK : S_IFCHR;
        unlink(path);
        say("make", mknod(path, kind | 0600, makedev((unsigned)atoi(words[1]), (unsigned)atoi(words[2]))));
        say("open", open(path, O_RDWR));
    }
}

static void settings(char **words) {
    for (; *words; words++) try_to_write(*words);
}

static void namespaces(char **words) {
    (void)words;
    const char *kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/1/ns/%s", kinds[i]);
        int file = open(path, O_RDONLY);
        say(path, file < 0 ? file : setns(file, 0));
    }
    say("unshare a user namespace", unshare(CLONE_NEWUSER));
    say("unshare mounts", unshare(CLONE_NEWNS));
    long arguments[11] = {CLONE_NEWUSER};
    say("clone3", syscall(SYS_clone3, arguments, sizeof arguments));
}

static void keys(char **words) {
    (void)words;
    say("add_key", syscall(SYS_add_key, "user", "mine", "x", 1, KEY_SPEC_SESSION_KEYRING));
    say("request_key", syscall(SYS_request_key, "user", "mine", "", KEY_SPEC_SESSION_KEYRING));
    say("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 0));
}

// Processes of the host, by the numbers that they have there.
static void processes(char **words) {
    for (; *words; words++) {
        pid_t number = atoi(*words);
        char byte;
        struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
        say("signal", kill(number, 0));
        say("ptrace", ptrace(PTRACE_SEIZE, number, NULL, NULL));
        say("pidfd_open", syscall(SYS_pidfd_open, number, 0));
        say("process_vm_readv", process_vm_readv(number, &here, 1, &there, 1, 0));
    }
}

// Files of the disk that the root is on, by their handles: what "shocker" did.
static void handles(char **words) {
    (void)words;
    struct {
        struct file_handle head;
        unsigned char bytes[8];
    } handle = {.head = {.handle_bytes = 8, .handle_type = 1}, .bytes = {2}};
    int root = open("/", O_RDONLY);
    say("open_by_handle_at", open_by_handle_at(root, &handle.head, O_RDONLY));
}

static void machine(char **words) {
    (void)words;
    struct timespec now = {0};
    struct perf_event_attr counter = {.size = sizeof counter};
    say("init_module", syscall(SYS_init_module, "", 0, ""));
    say("delete_module", syscall(SYS_delete_module, "x", 0));
    say("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
    say("bpf", syscall(SYS_bpf, 0, NULL, 0));
    say("perf_event_open", syscall(SYS_perf_event_open, &counter, 0, -1, -1, 0));
    say("io_uring_setup", syscall(SYS_io_uring_setup, 1, NULL));
    say("userfaultfd", syscall(SYS_userfaultfd, 0));
    say("swapon", syscall(SYS_swapon, "/tmp", 0));
    say("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL));
    say("clock_settime", clock_settime(CLOCK_REALTIME, &now));
    say("sethostname", sethostname("x", 1));
    say("acct", acct("/tmp/acct"));
    say("syslog", syscall(SYS_syslog, 3, (char[16]){0}, 16));
    say("quotactl", syscall(SYS_quotactl, 0x80000200, "/dev/x", 0, NULL));
}

// Out of the root by a second root below the working directory: chroot(2), NOTES.
static void roots(char **words) {
    (void)words;
    struct stat before, after;
    if (stat("/", &before) < 0) return;
    mkdir("/tmp/r", 0700);
    int here = open("/", O_RDONLY | O_DIRECTORY);
    say("chroot", chroot("/tmp/r"));
    say("fchdir", fchdir(here));
    for (int i = 0; i < 64; i++) {
        if (chdir("..") < 0) break;
    }
    say("chroot", chroot("."));
    if (stat("/", &after) < 0) return;
    int same = before.st_dev == after.st_dev && before.st_ino == after.st_ino;
    printf("%s\n", same ? "the container's root" : "another root");
}

// Every directory that is open, and the working directory.
static void directories(char **words) {
    (void)words;
    for (int number = 0; number < 1024; number++) {
        struct stat status;
        if (fstat(number, &status) == 0 && S_ISDIR(status.st_mode)) printf("descriptor %d is a directory\n", number);
    }
    char path[4096];
    long length = syscall(SYS_getcwd, path, sizeof path);
    printf("%s\n", length > 0 && path[0] == '/' ? "inside" : "outside");
}

// Writes to the programs of other processes, again and again: those of a supervisor that is just starting one here.
static void overwrite(char **words) {
    time_t end = time(NULL) + (words[0] ? atoi(words[0]) : 1);
    struct stat own, other;
    int opened = 0;
    long looked = 0;
    if (stat("/proc/self/exe", &own) < 0) return;
    while (time(NULL) < end) {
        DIR *processes = opendir("/proc");
        for (struct dirent *entry; processes && (entry = readdir(processes));) {
            char path[300];
            if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
            snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
            looked++;
            int program = open(path, O_RDWR);
            if (program < 0) continue;
            if (fstat(program, &other) == 0 && (other.st_ino != own.st_ino || other.st_dev != own.st_dev)) opened++;
            close(program);
        }
        if (processes) closedir(processes);
    }
    printf("%s, opened %d\n", looked > 100 ? "looked often" : "hardly looked", opened);
}

// Puts a link and a directory in each other's place, again and again, until it is killed.
static void swap(char **words) {
    if (!words[0] || !words[1]) return;
    printf("swapping\n");
    fflush(stdout);
    while (1) {
        if (renameat2(AT_FDCWD, words[0], AT_FDCWD, words[1], RENAME_EXCHANGE) < 0) exit(1);
    }
}

int probe_attempt(const char *name, char **words) {
    static const struct {
        const char *name;
        void (*attempt)(char **words);
    } attempts[] = {
        {"mounts", mounts}, {"devices", devices}, {"settings", settings}, {"namespaces", namespaces}, {"keys", keys},
        {"processes", processes}, {"handles", handles}, {"machine", machine}, {"roots", roots},
        {"directories", directories}, {"overwrite", overwrite}, {"swap", swap},
    };
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        if (strcmp(attempts[i].name, name) != 0) continue;
        attempts[i].attempt(words);
        return 0;
    }
    fprintf(stderr, "probe: no attempt is called %s\n", name);
    return 2;
}
