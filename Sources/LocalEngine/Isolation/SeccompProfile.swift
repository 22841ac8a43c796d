// SPDX-License-Identifier: Apache-2.0

/// Which system calls a container may make: Docker 28's default, as data.
///
/// Everything that is not allowed fails with EPERM; what is newer than the profile fails with ENOSYS, as the kernel
/// itself would answer, so that C libraries fall back to what they did before.
enum SeccompProfile {
    /// Raised whenever a rule changes: compiled programs are kept under this number.
    static let version = 1

    /// A value that one argument of a call must have.
    struct Condition: Sendable {
        enum Comparison: Sendable { case equals, differsFrom, hasNoneOf }
        /// 0 is the first.
        let argument: UInt32
        let comparison: Comparison
        let value: UInt64
    }

    /// Calls that a capability, or an architecture, allows.
    struct Rule: Sendable {
        let calls: [String]
        var condition: Condition?
        /// Holds only for containers with this capability.
        var with: Capability?
        /// Holds only for containers without this capability.
        var without: Capability?
        /// What it fails with; `nil` allows it.
        var failure: UInt16?

        init(
            _ calls: String, _ condition: Condition? = nil, with: Capability? = nil, without: Capability? = nil,
            failure: UInt16? = nil
        ) {
            self.calls = calls.split { $0 == " " || $0 == "\n" }.map(String.init)
            self.condition = condition
            self.with = with
            self.without = without
            self.failure = failure
        }

        func applies(to capabilities: CapabilitySet) -> Bool {
            with.map(capabilities.contains) ?? true && !(without.map(capabilities.contains) ?? false)
        }
    }

    /// clone(2): every namespace that a container could make for itself.
    static let namespaceFlags: UInt64 = 0x7e02_0000
    /// socket(2): AF_VSOCK reaches the hypervisor past every network namespace.
    static let vsock: UInt64 = 40

    /// The rules that hold for a container with these capabilities.
    static func rules(for capabilities: CapabilitySet) -> [Rule] {
        (always + conditional + architecture).filter { $0.applies(to: capabilities) }
    }

    private static func isExactly(_ value: UInt64) -> Condition {
        Condition(argument: 0, comparison: .equals, value: value)
    }

    private static let conditional: [Rule] = [
        Rule("socket", Condition(argument: 0, comparison: .differsFrom, value: vsock)),
        // PER_LINUX, PER_LINUX32, UNAME26, both, and the question what it is: personality(2).
        Rule("personality", isExactly(0)),
        Rule("personality", isExactly(0x0008)),
        Rule("personality", isExactly(0x2_0000)),
        Rule("personality", isExactly(0x2_0008)),
        Rule("personality", isExactly(0xffff_ffff)),
        Rule("clone", Condition(argument: 0, comparison: .hasNoneOf, value: namespaceFlags), without: .sysAdmin),
        // Its flags lie in memory, where a filter cannot look: C libraries answer ENOSYS by using clone.
        Rule("clone3", without: .sysAdmin, failure: 38),
        Rule("open_by_handle_at", with: .dacReadSearch),
        Rule(
            """
            bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount
            open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare
            """, with: .sysAdmin),
        Rule("reboot", with: .sysBoot),
        Rule("chroot", with: .sysChroot),
        Rule("delete_module init_module finit_module", with: .sysModule),
        Rule("acct", with: .sysPacct),
        Rule("kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace", with: .sysPtrace),
        Rule("iopl ioperm", with: .sysRawio),
        Rule("settimeofday stime clock_settime clock_settime64", with: .sysTime),
        Rule("vhangup", with: .sysTtyConfig),
        Rule("get_mempolicy mbind set_mempolicy set_mempolicy_home_node", with: .sysNice),
        Rule("syslog", with: .syslog),
        Rule("bpf", with: .bpf),
        Rule("perf_event_open", with: .perfmon),
    ]

    #if arch(x86_64)
        private static let architecture = [Rule("arch_prctl modify_ldt")]
    #elseif arch(arm64)
        private static let architecture = [
            Rule("arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls")
        ]
    #endif

    /// Allowed to everyone, by subject.
    private static let always: [Rule] = [
        Rule(
            // Files and directories.
            """
            access faccessat faccessat2 chdir fchdir getcwd chmod fchmod fchmodat chown chown32 fchown fchown32 fchownat
            lchown lchown32 close close_range creat open openat openat2 dup dup2 dup3 fcntl fcntl64 flock fadvise64
            fadvise64_64 fallocate fanotify_mark fdatasync fsync sync syncfs sync_file_range ftruncate ftruncate64
            truncate truncate64 futimesat utime utimes utimensat utimensat_time64 getdents getdents64 ioctl
            inotify_init inotify_init1 inotify_add_watch inotify_rm_watch link linkat symlink symlinkat readlink
            readlinkat unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir mknod mknodat name_to_handle_at
            lseek _llseek read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 readahead
            copy_file_range sendfile sendfile64 splice tee vmsplice stat stat64 fstat fstat64 lstat lstat64 fstatat64
            newfstatat statx statfs statfs64 fstatfs fstatfs64 umask getxattr lgetxattr fgetxattr listxattr llistxattr
            flistxattr setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
            """),
        Rule(
            // Memory.
            """
            brk madvise membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall munlock munlockall mmap mmap2
            munmap mprotect mremap msync pkey_alloc pkey_free pkey_mprotect remap_file_pages process_mrelease
            """),
        Rule(
            // Processes, threads, users and signals. ptrace and its kin cannot escape seccomp since Linux 4.8.
            """
            capget capset execve execveat exit exit_group fork vfork wait4 waitid waitpid kill tkill tgkill pause
            restart_syscall getpid getppid gettid getpgid getpgrp setpgid getsid setsid getuid getuid32 geteuid geteuid32
            getgid getgid32 getegid getegid32 getgroups getgroups32 setgroups setgroups32 getresuid getresuid32 getresgid
            getresgid32 setresuid setresuid32 setresgid setresgid32 setuid setuid32 setgid setgid32 setreuid setreuid32
            setregid setregid32 setfsuid setfsuid32 setfsgid setfsgid32 getpriority setpriority ioprio_get ioprio_set
            getrlimit setrlimit ugetrlimit prlimit64 getrusage times prctl seccomp landlock_create_ruleset
            landlock_add_rule landlock_restrict_self pidfd_open pidfd_send_signal process_vm_readv process_vm_writev
            ptrace get_thread_area set_thread_area set_tid_address get_robust_list set_robust_list rseq futex
            futex_time64 futex_waitv getcpu sched_getaffinity sched_setaffinity sched_getattr sched_setattr
            sched_getparam sched_setparam sched_get_priority_max sched_get_priority_min sched_getscheduler
            sched_setscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_yield rt_sigaction rt_sigpending
            rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
            rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn signalfd signalfd4
            """),
        Rule(
            // Waiting, time and the machine.
            """
            poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create epoll_create1 epoll_ctl
            epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 pipe pipe2 alarm adjtimex
            clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
            clock_nanosleep_time64 nanosleep gettimeofday time getitimer setitimer timer_create timer_delete
            timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
            timerfd_gettime64 timerfd_settime timerfd_settime64 getrandom sysinfo uname io_setup io_destroy io_submit
            io_cancel io_getevents io_pgetevents io_pgetevents_time64
            """),
        Rule(
            // Sockets and System V and POSIX communication.
            """
            accept accept4 bind connect listen shutdown socketcall socketpair getsockname getpeername getsockopt
            setsockopt recv recvfrom recvmsg recvmmsg recvmmsg_time64 send sendto sendmsg sendmmsg ipc mq_open mq_unlink
            mq_notify mq_getsetattr mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 msgctl msgget
            msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
            """),
    ]

    /// Calls that are newer than the oldest libseccomp we build with (2.5.4 knows those up to Linux 5.17), by the number
    /// that all architectures share (asm-generic/unistd.h): name, number, the capability that it needs.
    static let recent: [(name: String, number: UInt32, with: Capability?)] = [
        ("set_mempolicy_home_node", 450, .sysNice), ("cachestat", 451, nil), ("fchmodat2", 452, nil),
        ("map_shadow_stack", 453, nil), ("futex_wake", 454, nil), ("futex_wait", 455, nil), ("futex_requeue", 456, nil),
        ("statmount", 457, nil), ("listmount", 458, nil), ("lsm_get_self_attr", 459, .sysAdmin),
        ("lsm_set_self_attr", 460, .sysAdmin), ("lsm_list_modules", 461, .sysAdmin), ("mseal", 462, nil),
        ("setxattrat", 463, nil), ("getxattrat", 464, nil), ("listxattrat", 465, nil), ("removexattrat", 466, nil),
    ]
    /// The newest call that the profile has an opinion about; later ones fail with ENOSYS.
    static let newest: UInt32 = 466
    /// Calls above this are arm's own (`set_tls`, `cacheflush`).
    static let firstPrivate: UInt32 = 0xf_0000
    /// uretprobe of x86-64; the number is `rt_tgsigqueueinfo`, allowed as well, for its 32-bit programs.
    static let uretprobe: UInt32 = 335
}
