// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// One call: which of the kernel's tables it is in, its number, its arguments.
struct call {
    const char *table;
    long number;
    long arguments[6];
};

const char *probe_outcome(long result) {
    if (result >= 0 || result < -4095) return "ok";
    const char *name = strerrorname_np((int)-result);
    return name ? name : "an error without a name";
}

#if defined(__x86_64__)
// Without libc's wrapper: vfork(2) must not return from the function that called it.
static inline __attribute__((always_inline)) long native(long number, const long *a) {
    register long r10 __asm__("r10") = a[3];
    register long r8 __asm__("r8") = a[4];
    register long r9 __asm__("r9") = a[5];
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

// The table of 32-bit programs, which any 64-bit one may use too. The sixth argument is left out: it stands in ebp.
static inline __attribute__((always_inline)) long compatible(long number, const long *a) {
    int result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"((int)number), "b"((int)a[0]), "c"((int)a[1]), "d"((int)a[2]), "S"((int)a[3]), "D"((int)a[4])
                     : "r8", "r9", "r10", "r11", "memory");
    return result;
}

#define X32 0x40000000
#define EXIT SYS_exit_group
#elif defined(__aarch64__)
static inline __attribute__((always_inline)) long native(long number, const long *a) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a[0];
    register long x1 __asm__("x1") = a[1];
    register long x2 __asm__("x2") = a[2];
    register long x3 __asm__("x3") = a[3];
    register long x4 __asm__("x4") = a[4];
    register long x5 __asm__("x5") = a[5];
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
#define EXIT SYS_exit_group
#endif

static void perform(const struct call *call, int report) {
    char line[32];
    long result;
#if defined(__x86_64__)
    result = call->table[0] == 'i' ? compatible(call->number, call->arguments) : native(call->number, call->arguments);
#else
    result = native(call->number, call->arguments);
#endif
    const char *outcome = probe_outcome(result);
    memset(line, 0, sizeof line);
    strncpy(line, outcome, sizeof line - 1);
    // Written by itself, however few of the calls were left to this process (it may have just left its files' table).
    if (write(report, line, sizeof line) < 0) _exit(2);
    _exit(0);
}

// Runs one call in a process of its own: it may end it, block it, or come back twice.
static void try(const struct call *call) {
    int ends[2];
    if (pipe(ends) < 0) return;
    // A group of its own, so that whatever a fork leaves is ended too.
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        close(ends[0]);
        perform(call, ends[1]);
    }
    setpgid(child, child);
    close(ends[1]);
    char line[32] = "ended";
    struct pollfd entry = {.fd = ends[0], .events = POLLIN};
    if (poll(&entry, 1, 400) == 0) {
        strcpy(line, "waits");
    } else {
        char seen[32];
        if (read(ends[0], seen, sizeof seen) == sizeof seen) memcpy(line, seen, sizeof line);
    }
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (strcmp(line, "ended") == 0 && WIFSIGNALED(status)) {
        snprintf(line, sizeof line, "SIG%s", sigabbrev_np(WTERMSIG(status)));
    }
    close(ends[0]);
    printf("%s %ld", call->table, call->number);
    // What distinguishes the calls of a number that are tried with several arguments.
    if (call->arguments[0] != -1) printf(" %#lx", call->arguments[0]);
    printf(" %s\n", line);
    fflush(stdout);
}

static void try_with(const char *table, long number, long first, long second) {
    struct call call = {.table = table, .number = number, .arguments = {first, second, -1, -1, -1, -1}};
    try(&call);
}

// Calls whose answer to arguments that mean nothing would be the one of a kernel without them.
static void try_futex_and_its_like(void) {
    static int word;
    struct call call = {.table = "native", .number = SYS_futex, .arguments = {(long)&word, 129, 0, 0, 0, 0}};
    int ends[2];
    if (pipe(ends) < 0) return;
    pid_t child = fork();
    if (child == 0) perform(&call, ends[1]);
    char line[32] = "ended";
    if (read(ends[0], line, sizeof line) < 0) return;
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    close(ends[0]);
    close(ends[1]);
    printf("native %d %s\n", SYS_futex, line);
}

static void try_conditions(const char *table, long clone_number, long unshare, long personality_number, long sock) {
    long flags[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                    CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};
    // With a flag that no clone takes (CLONE_FS together with a new root), so that nothing is made where it is allowed.
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        try_with(table, clone_number, flags[i] | CLONE_SIGHAND, 0);
        try_with(table, unshare, flags[i], 0);
    }
    try_with(table, clone_number, CLONE_SIGHAND, 0);
    long personalities[] = {0, 8, 0x20000, 0x20008, 0xffffffff, ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC, 0x10};
    for (size_t i = 0; i < sizeof personalities / sizeof *personalities; i++) {
        try_with(table, personality_number, personalities[i], 0);
    }
    if (sock < 0) return;
    long families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK, AF_BLUETOOTH, 45};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        try_with(table, sock, families[i], SOCK_DGRAM);
    }
}

void probe_calls(void) {
    for (long number = 0; number < 600; number++) {
        if (number != SYS_futex) try_with("native", number, -1, -1);
    }
    try_futex_and_its_like();
    try_conditions("native", SYS_clone, SYS_unshare, SYS_personality, SYS_socket);
#if defined(__x86_64__)
    // asm/unistd_32.h: clone, unshare, personality, socket.
    for (long number = 0; number < 600; number++) try_with("i386", number, -1, -1);
    try_conditions("i386", 120, 310, 136, 359);
    for (long number = 0; number < 600; number++) try_with("x32", number | X32, -1, -1);
#endif
}
