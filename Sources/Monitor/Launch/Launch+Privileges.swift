// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension Launch {
    mutating func findUser() throws(StartFailure) {
        do throws(ProcessIdentity.Unknown) {
            user = try ProcessIdentity(
                description.process.user, passwd: ProcessIdentity.text(of: "/etc/passwd"),
                group: ProcessIdentity.text(of: "/etc/group"))
        } catch {
            throw StartFailure(.findUser, .engine, error.message)
        }
    }

    /// Sets what a process may use, each as near as this machine allows, and says so where that is not what was asked.
    func setLimits() throws(SystemError) {
        for limit in description.process.limits {
            let wanted = ProcessLimit(soft: limit.soft, hard: limit.hard)
            guard let given = try wanted.applyNearest(to: limit.resource) else { continue }
            try channel.say(
                .adjustment(
                    Adjustment(
                        setting: Self.name(ofLimit: limit.resource), asked: wanted.text, given: given.text,
                        number: EPERM)))
        }
        umask(mode_t(description.process.umask))
        guard let score = description.process.oomScoreAdjustment else { return }
        let file = try Descriptor(opening: "/proc/self/oom_score_adj", O_RDWR)
        let before = try file.readToEnd().split(separator: UInt8(ascii: "\n")).first ?? []
        do throws(SystemError) {
            try file.writeAll("\(score)".utf8)
        } catch {
            // proc(5): only CAP_SYS_RESOURCE goes below what it was.
            guard error.number == EACCES else { throw error }
            let given = String(decoding: before, as: UTF8.self)
            try channel.say(
                .adjustment(
                    Adjustment(setting: "oom_score_adj", asked: "\(score)", given: given, number: error.number)))
        }
    }

    /// The names of `--ulimit`, by the kernel's numbers: getrlimit(2).
    private static func name(ofLimit resource: UInt32) -> String {
        let names = [
            "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending",
            "msgqueue", "nice", "rtprio", "rttime",
        ]
        return Int(resource) < names.count ? names[Int(resource)] : "limit \(resource)"
    }

    /// Keeps the host's keys out of reach: keyrings are not in any namespace.
    func joinKeyring() throws(SystemError) {
        do throws(SystemError) {
            try Privileges.joinKeyring("_ses.\(description.id)")
        } catch {
            // A kernel without keyrings has none to keep, and one that is out of its quota has given no new one.
            guard error.number == ENOSYS || error.number == EDQUOT else { throw error }
        }
    }

    /// Loads the filter while CAP_SYS_ADMIN is there; where no new privileges are allowed, after everything that the
    /// filter might refuse.
    func loadSeccomp(withNoNewPrivileges isLate: Bool) throws(SystemError) {
        guard description.process.forbidsNewPrivileges == isLate else { return }
        if isLate { try Privileges.forbidNew() }
        if !description.protection.seccomp.isEmpty { try Privileges.loadSeccomp(description.protection.seccomp) }
    }

    func becomeUser() throws(SystemError) {
        // The streams are root's; a program that opens /dev/stdout by name must be allowed to.
        for stream in 0..<CInt(3) {
            var status = stat()
            guard fstat(stream, &status) == 0, status.st_mode & S_IFMT == S_IFIFO || isatty(stream) == 1 else {
                continue
            }
            if status.st_uid != user.uid { try attempt("own stream \(stream)") { fchown(stream, user.uid, gid_t.max) } }
        }
        try Capabilities.keepOverUserChange()
        try Privileges.become(uid: user.uid, gid: user.gid, groups: [user.gid] + user.groups)
    }

    /// Sets what the program may do. Of what was asked, only what this process has can be given.
    func setCapabilities() throws(SystemError) {
        let wanted = description.process.capabilities
        let own = try Capabilities.current().permitted
        for number in 0..<UInt64(64) where wanted.permitted & ~own & (1 << number) != 0 {
            try channel.say(
                .adjustment(
                    Adjustment(setting: "capability \(number)", asked: "granted", given: "", number: EPERM)))
        }
        let permitted = wanted.permitted & own
        try Capabilities(
            effective: wanted.effective & permitted, permitted: permitted,
            inheritable: wanted.inheritable & (permitted | wanted.ambient)
        ).apply()
        try Capabilities.setAmbient(wanted.ambient & permitted & wanted.inheritable)
    }

    func armParentDeath() throws(SystemError) {
        try Privileges.dieWithParent(SIGKILL)
        // A monitor that died just before would never be noticed.
        if channel.isMonitorGone { throw SystemError(step: "look for the monitor", number: ECANCELED) }
    }
}

extension ProcessLimit {
    fileprivate var text: String {
        func word(_ value: UInt64) -> String { value == .max ? "unlimited" : "\(value)" }
        return soft == hard ? word(soft) : "\(word(soft)):\(word(hard))"
    }
}
