// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// Sets of capabilities(7), bit n for capability n.
public struct Capabilities: Hashable, Sendable {
    /// What counts.
    public var effective: UInt64
    /// What may be made to count.
    public var permitted: UInt64
    /// What passes through execve(2) of files that inherit.
    public var inheritable: UInt64

    /// The three sets of a process.
    public init(effective: UInt64, permitted: UInt64, inheritable: UInt64) {
        self.effective = effective
        self.permitted = permitted
        self.inheritable = inheritable
    }

    /// This process's.
    public static func current() throws(SystemError) -> Capabilities {
        var sets: (UInt64, UInt64, UInt64) = (0, 0, 0)
        try attempt("capget") { clinux_capget(&sets.0, &sets.1, &sets.2) }
        return Capabilities(effective: sets.0, permitted: sets.1, inheritable: sets.2)
    }

    /// Makes these this process's.
    public func apply() throws(SystemError) {
        try attempt("capset") { clinux_capset(effective, permitted, inheritable) }
    }

    /// Removes from the bounding set whatever is not in `kept`, for ever.
    public static func limitBounding(to kept: UInt64) throws(SystemError) {
        for number in 0..<UInt64(64) where kept & (1 << number) == 0 {
            // prctl(2): EINVAL past the last capability that this kernel knows.
            if clinux_prctl(clinux_pr_capbset_read, number, 0, 0, 0) < 0 { return }
            try attempt("drop capability \(number)") { clinux_prctl(clinux_pr_capbset_drop, number, 0, 0, 0) }
        }
    }

    /// Lets these pass through execve(2) whoever the user is; each must be permitted and inheritable.
    public static func setAmbient(_ set: UInt64) throws(SystemError) {
        try attempt("clear ambient capabilities") {
            clinux_prctl(clinux_pr_cap_ambient, UInt64(clinux_pr_cap_ambient_clear_all), 0, 0, 0)
        }
        for number in 0..<UInt64(64) where set & (1 << number) != 0 {
            try attempt("raise ambient capability \(number)") {
                clinux_prctl(clinux_pr_cap_ambient, UInt64(clinux_pr_cap_ambient_raise), number, 0, 0)
            }
        }
    }

    /// Keeps permitted capabilities over the next change of user.
    public static func keepOverUserChange() throws(SystemError) {
        try attempt("keep capabilities") { clinux_prctl(clinux_pr_set_keepcaps, 1, 0, 0, 0) }
    }
}

/// Whom a process acts for, and what it can never do again.
public enum Privileges {
    /// Becomes this user and these groups, in all their forms.
    public static func become(uid: UInt32, gid: UInt32, groups: [UInt32]) throws(SystemError) {
        try attempt("set groups") { clinux_set_groups(groups, groups.count) }
        try attempt("become group \(gid)") { clinux_set_group(gid) }
        try attempt("become user \(uid)") { clinux_set_user(uid) }
    }

    /// Forbids that any program gives more than this process has: prctl(2), `PR_SET_NO_NEW_PRIVS`.
    public static func forbidNew() throws(SystemError) {
        try attempt("set no_new_privs") { clinux_prctl(clinux_pr_set_no_new_privs, 1, 0, 0, 0) }
    }

    /// Filters system calls from now on. `program` is an array of `sock_filter`.
    ///
    /// - SeeAlso: seccomp(2): EACCES without CAP_SYS_ADMIN or no_new_privs.
    public static func loadSeccomp(_ program: [UInt8]) throws(SystemError) {
        try attempt("load seccomp program") {
            program.withUnsafeBytes { clinux_load_seccomp($0.baseAddress, $0.count / 8) }
        }
    }

    /// Sends this process `signal` when its parent ends. Any change of credentials forgets it: prctl(2).
    public static func dieWithParent(_ signal: CInt) throws(SystemError) {
        try attempt("set parent-death signal") { clinux_prctl(clinux_pr_set_pdeathsig, UInt64(signal), 0, 0, 0) }
    }

    /// Hides this process's memory and descriptors from others, until it executes a program: prctl(2).
    public static func makeUndumpable() throws(SystemError) {
        try attempt("set undumpable") { clinux_prctl(clinux_pr_set_dumpable, 0, 0, 0, 0) }
    }

    /// Leaves the host's session keyring for a new one with this name.
    public static func joinKeyring(_ name: String) throws(SystemError) {
        try attempt("join keyring") { clinux_join_session_keyring(name) }
    }

    /// The name that `ps` shows for this process, cut to 15 bytes.
    public static func setProcessName(_ name: String) {
        // A name is for people; a kernel that refuses it loses nothing else.
        name.withCString { _ = clinux_prctl(clinux_pr_set_name, UInt64(UInt(bitPattern: $0)), 0, 0, 0) }
    }

    /// The host name of this UTS namespace.
    public static func setHostName(_ name: String) throws(SystemError) {
        try attempt("set host name \(name)") { clinux_set_host_name(name, name.utf8.count) }
    }

    /// The NIS domain name of this UTS namespace.
    public static func setDomainName(_ name: String) throws(SystemError) {
        try attempt("set domain name \(name)") { clinux_set_domain_name(name, name.utf8.count) }
    }

    /// Turns on the loopback interface of this network namespace.
    public static func raiseLoopback() throws(SystemError) {
        try attempt("raise loopback") { clinux_raise_loopback() }
    }
}

/// One of getrlimit(2)'s limits.
public struct ProcessLimit: Hashable, Sendable {
    /// The soft limit, which counts; `UInt64.max` is none.
    public var soft: UInt64
    /// The hard limit, up to which the soft one can be raised; `UInt64.max` is none.
    public var hard: UInt64

    /// A limit.
    public init(soft: UInt64, hard: UInt64) {
        self.soft = soft
        self.hard = hard
    }

    /// This process's limit with the kernel's number `resource`.
    public init(_ resource: UInt32) throws(SystemError) {
        var values: (UInt64, UInt64) = (0, 0)
        try attempt("getrlimit \(resource)") { clinux_get_limit(resource, &values.0, &values.1) }
        self.init(soft: values.0, hard: values.1)
    }

    /// Sets this process's limit, as near as the kernel allows: past the hard limit only CAP_SYS_RESOURCE goes.
    ///
    /// - Returns: what was set instead, or `nil` when it was this.
    public func applyNearest(to resource: UInt32) throws(SystemError) -> ProcessLimit? {
        do throws(SystemError) {
            try attempt("setrlimit \(resource)") { clinux_set_limit(resource, soft, hard) }
            return nil
        } catch {
            guard error.number == EPERM else { throw error }
        }
        let present = try ProcessLimit(resource)
        let nearest = ProcessLimit(soft: min(soft, present.hard), hard: min(hard, present.hard))
        try attempt("setrlimit \(resource)") { clinux_set_limit(resource, nearest.soft, nearest.hard) }
        return nearest
    }
}
