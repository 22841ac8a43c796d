// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

extension LocalSystem {
    /// Each kind of thing is looked for by itself: ends of containers first: what they require takes most of the rest away.
    func check(mend: Bool) async throws -> [CheckFinding] {
        try findLeftovers(mend: mend)
    }

    /// The same, on the calling thread.
    func findLeftovers(mend: Bool) throws -> [CheckFinding] {
        let damages = checkDatabase()
        // What no record mentions would be taken for an orphan: where records cannot be read, nothing is taken away.
        guard damages.isEmpty else { return damages }
        var findings = try checkEnds(mend)
        findings += try checkContainerDirectories(mend)
        findings += try checkRunDirectories(mend)
        findings += try checkMounts(mend)
        findings += try checkCgroups(mend)
        findings += try checkDrafts(mend)
        findings += try LocalImages(core: core).check(mend: mend)
        findings += try containers.networks.check(mend: mend) { try isInUse($0) }
        return findings
    }

    /// SQLite's own look at the file. What it finds cannot be mended here: the file is left for whoever can.
    private func checkDatabase() -> [CheckFinding] {
        core.database.damages().map {
            CheckFinding(kind: .damagedDatabase, subject: "\(core.paths.database): \($0)", isMended: false)
        }
    }

    /// Containers that are written down as running and are not.
    private func checkEnds(_ mend: Bool) throws -> [CheckFinding] {
        try core.database.read { try ContainerRecord.unsettled($0) }.compactMap { record in
            guard try !isInUse(record.id.text) else { return nil }
            let hasRecord = access(containers.files(record.id).places.exitRecord, F_OK) == 0
            if mend { try containers.settle(record.id) }
            return CheckFinding(
                kind: hasRecord ? .unsettledContainer : .deadMonitor, subject: record.name, isMended: mend)
        }
    }

    /// Whether a container runs, is being started, or is in somebody's hands just now.
    private func isInUse(_ id: String) throws -> Bool {
        let files = ContainerFiles(core.paths, id)
        if try FileLock.isHeld(files.places.lock) { return true }
        guard access(files.directory, F_OK) == 0 else { return false }
        return try ContainerLock.tryTaking(files.directory) == nil
    }

    /// Directories without a row: what a kill between the two leaves.
    private func checkContainerDirectories(_ mend: Bool) throws -> [CheckFinding] {
        try Self.names(in: core.paths.root + "/containers").compactMap { name in
            let path = core.paths.container(name)
            guard let lock = try ContainerLock.tryTaking(path) else { return nil }
            return try withExtendedLifetime(lock) {
                // A name that is no id belongs to no container.
                if let id = try? ContainerID(parsing: name),
                    try core.database.read({ try ContainerRecord.find($0, id: id) }) != nil
                {
                    return nil
                }
                if mend {
                    try endOrphan(name)
                    try TreeRemoval.remove(path)
                }
                return CheckFinding(kind: .orphanedContainerDirectory, subject: path, isMended: mend)
            }
        }
    }

    /// Ends what still runs for a directory that nobody holds: the command of a build whose dsh was killed.
    private func endOrphan(_ name: String) throws {
        let files = ContainerFiles(core.paths, name)
        try wrapping(.container(name)) { () throws(SystemError) in
            guard try FileLock.isHeld(files.places.lock) else { return }
            try ContainerCgroup(core.paths, name).group().killAll()
            // Its supervisor goes when its program has.
            _ = try FileLock.wait(files.places.lock)
        }
    }

    /// Run directories that no monitor works in: of containers that do not run, and of single programs.
    private func checkRunDirectories(_ mend: Bool) throws -> [CheckFinding] {
        var findings: [CheckFinding] = []
        for name in Self.names(in: core.paths.runRoot + "/containers") where try !isInUse(name) {
            let path = core.paths.run(name)
            if mend { try TreeRemoval.remove(path) }
            findings.append(CheckFinding(kind: .orphanedContainerDirectory, subject: path, isMended: mend))
        }
        for name in Self.names(in: core.paths.runRoot + "/execs") {
            let path = core.paths.runRoot + "/execs/" + name
            // Locked by the monitor, or by whoever is about to start it.
            guard try !FileLock.isHeld(path + "/lock"), let lock = try ContainerLock.tryTaking(path) else { continue }
            if mend { try TreeRemoval.remove(path) }
            _ = consume lock
            findings.append(CheckFinding(kind: .deadMonitor, subject: path, isMended: mend))
        }
        return findings
    }

    /// Mounts of this mount namespace: monitors mount in their containers' only.
    private func checkMounts(_ mend: Bool) throws -> [CheckFinding] {
        let inside = [core.paths.root + "/", core.paths.runRoot + "/"]
        // Deepest first.
        let points = (SmallFile.text("/proc/self/mountinfo") ?? "").split(separator: "\n").reversed().compactMap {
            line in
            let fields = line.split(separator: " ", maxSplits: 5)
            return fields.count > 4 ? Self.unescaped(fields[4]) : nil
        }
        return try points.filter { point in inside.contains { point.hasPrefix($0) } }.map { point in
            if mend { try wrapping(.path(point)) { () throws(SystemError) in try MountNamespace.unmount(point) } }
            return CheckFinding(kind: .staleMount, subject: point, isMended: mend)
        }
    }

    /// Groups of this root's whose container does not run.
    private func checkCgroups(_ mend: Bool) throws -> [CheckFinding] {
        let prefix = ContainerCgroup.prefix(core.paths)
        var ids: Set<String> = []
        for tree in ["", "/unified"] + Self.names(in: "/sys/fs/cgroup").map({ "/" + $0 }) {
            let parent = "/sys/fs/cgroup\(tree)/\(ContainerCgroup.parent)"
            for name in Self.names(in: parent) where name.hasPrefix(prefix) {
                ids.insert(String(name.dropFirst(prefix.count)))
            }
        }
        return try ids.sorted().filter { try !isInUse($0) }.map { id in
            if mend {
                try wrapping(.container(id)) { () throws(SystemError) in
                    let group = try ContainerCgroup(core.paths, id).group()
                    try group.killAll()
                    try group.remove()
                }
            }
            return CheckFinding(kind: .leakedCgroup, subject: id, isMended: mend)
        }
    }

    private func wrapping(_ subject: EngineError.Subject, _ body: () throws(SystemError) -> Void) throws(EngineError) {
        do throws(SystemError) { try body() } catch { throw EngineError(error, subject) }
    }

    /// Files that somebody was writing beside their places when he was killed: `NAME.PID.new`, and exit records.
    private func checkDrafts(_ mend: Bool) throws -> [CheckFinding] {
        var drafts: [String] = []
        for directory in [core.paths.root, core.paths.seccompPrograms] {
            for name in Self.names(in: directory) where name.hasSuffix(".new") {
                let writer = name.split(separator: ".").dropLast().last.flatMap { pid_t($0) }
                if let writer, kill(writer, 0) != 0, errno == ESRCH { drafts.append(directory + "/" + name) }
            }
        }
        for id in Self.names(in: core.paths.root + "/containers") where try !isInUse(id) {
            let draft = ContainerFiles(core.paths, id).places.exitRecord + ".new"
            if access(draft, F_OK) == 0 { drafts.append(draft) }
        }
        return drafts.map { path in
            // What cannot be removed is not mended, and said to be so.
            let isMended = mend && (try? TreeRemoval.remove(path)) != nil
            return CheckFinding(kind: .halfMadeFile, subject: path, isMended: isMended)
        }
    }

    /// The names in a directory; none where there is no such directory.
    private static func names(in path: String) -> [String] {
        // What cannot be read holds nothing that could be put right.
        (try? Descriptor(opening: path, O_RDONLY | O_DIRECTORY).entryNames())?.sorted() ?? []
    }

    /// mountinfo writes blanks and backslashes as three octal digits: proc_pid_mountinfo(5).
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
