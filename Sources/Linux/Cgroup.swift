// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// A group of processes that share limits: cgroups(7), whichever version this machine has.
///
/// Version 2 has one tree. Version 1 has one a controller, and on many machines ("hybrid") a unified tree beside them
/// that has no controllers but starts, freezes and kills whole groups. Nobody outside this type asks which it is.
public struct Cgroup: Hashable, Sendable {
    /// A resource that a group can account for and limit.
    public enum Controller: String, CaseIterable, Sendable { case cpu, cpuset, memory, pids, devices, freezer }

    enum Layout: Hashable, Sendable {
        case unified
        case legacy(hasUnified: Bool)
    }

    static let root = "/sys/fs/cgroup"

    let layout: Layout
    /// Directories from a tree's root down to the group.
    let components: [String]

    /// The group `name` below `parent`, which need not exist yet.
    ///
    /// - Throws: `SystemError` when no cgroup filesystem is mounted at /sys/fs/cgroup.
    public init(parent: [String], name: String) throws(SystemError) {
        components = parent + [name]
        let isUnified = try attempt("look at \(Self.root)") { clinux_is_unified_cgroup(Self.root) } == 1
        layout = isUnified ? .unified : .legacy(hasUnified: clinux_is_unified_cgroup("\(Self.root)/unified") == 1)
    }

    /// True on cgroup version 2 alone.
    public var isUnified: Bool { layout == .unified }

    /// The directory of the group for a controller; on version 2 they are all the same.
    func directory(_ controller: Controller) -> String {
        isUnified ? path(Self.root) : path("\(Self.root)/\(controller.rawValue)")
    }

    /// The directory in the unified tree; `nil` where there is none.
    var unifiedDirectory: String? {
        switch layout {
        case .unified: path(Self.root)
        case .legacy(let hasUnified): hasUnified ? path("\(Self.root)/unified") : nil
        }
    }

    private func path(_ root: String) -> String { ([root] + components).joined(separator: "/") }

    /// The group's directories that exist, by the names that they have below /sys/fs/cgroup.
    public var directories: [(name: String, path: String)] {
        if isUnified { return [("", path(Self.root))] }
        let trees = Controller.allCases.map { ($0.rawValue, directory($0)) } + [("unified", unifiedDirectory ?? "")]
        return trees.filter { access($0.1, F_OK) == 0 }
    }

    /// Makes the group and its parents, with what `controllers` need.
    ///
    /// - Returns: controllers that this machine does not have, or does not lend.
    public func create(using controllers: Set<Controller>) throws(SystemError) -> Set<Controller> {
        if let unifiedDirectory { try Self.makeDirectories(unifiedDirectory) }
        var missing: Set<Controller> = []
        for controller in controllers.sorted(by: { $0.rawValue < $1.rawValue }) {
            let isThere = isUnified ? try enable(controller) : try makeLegacy(controller)
            if !isThere { missing.insert(controller) }
        }
        // Without the unified tree, the freezer is what finds and stops all processes of the group.
        if layout == .legacy(hasUnified: false) { _ = try makeLegacy(.freezer) }
        return missing
    }

    /// Version 2 gives a controller to a group only when every parent lets it through.
    private func enable(_ controller: Controller) throws(SystemError) -> Bool {
        if controller == .devices || controller == .freezer { return true }
        var parent = Self.root
        for component in components {
            do throws(SystemError) {
                try Self.write("+\(controller.rawValue)", to: "\(parent)/cgroup.subtree_control")
            } catch {
                return false
            }
            parent += "/\(component)"
        }
        return true
    }

    func makeLegacy(_ controller: Controller) throws(SystemError) -> Bool {
        guard access("\(Self.root)/\(controller.rawValue)/cgroup.procs", F_OK) == 0 else { return false }
        if controller != .cpuset {
            try Self.makeDirectories(directory(controller))
            return true
        }
        // cpuset(7): a new group has no processors and no memory nodes, and takes no process until it has.
        var directory = "\(Self.root)/\(controller.rawValue)"
        for component in components {
            let parent = directory
            directory += "/\(component)"
            try Self.makeDirectory(directory)
            for file in ["cpuset.cpus", "cpuset.mems"]
            where try Self.read("\(directory)/\(file)").allSatisfy({ $0 == "\n" }) {
                try Self.write(try Self.read("\(parent)/\(file)"), to: "\(directory)/\(file)")
            }
        }
        return true
    }

    /// The group's directory of the unified tree, in which clone3(2) starts a process.
    public func openUnified() throws(SystemError) -> Descriptor? {
        guard let unifiedDirectory else { return nil }
        return try Descriptor(opening: unifiedDirectory, O_RDONLY | O_DIRECTORY)
    }

    /// Moves a process into the group, in every tree where the group exists.
    ///
    /// - Parameter isInUnified: the process was born in the group's unified directory and needs no move there.
    public func add(_ pid: Int32, isInUnified: Bool = false) throws(SystemError) {
        for (_, path) in directories where !(isInUnified && path == unifiedDirectory) {
            try Self.write("\(pid)", to: "\(path)/cgroup.procs")
        }
    }

    /// Stops every process of the group until `thaw`.
    public func freeze() throws(SystemError) { try setFrozen(true) }

    /// Lets the processes go on.
    public func thaw() throws(SystemError) { try setFrozen(false) }

    private func setFrozen(_ isFrozen: Bool) throws(SystemError) {
        if let unifiedDirectory {
            try Self.write(isFrozen ? "1" : "0", to: "\(unifiedDirectory)/cgroup.freeze")
        } else {
            try Self.write(isFrozen ? "FROZEN" : "THAWED", to: "\(directory(.freezer))/freezer.state")
        }
    }

    /// Removes the group from every tree, with groups that its processes made. A group that is not there is no failure.
    ///
    /// - Throws: EBUSY while processes are in it.
    public func remove() throws(SystemError) {
        for (_, path) in directories { try Self.removeTree(path) }
    }

    private static func removeTree(_ path: String) throws(SystemError) {
        if rmdir(path) == 0 || errno == ENOENT { return }
        for name in childGroups(of: path) { try removeTree("\(path)/\(name)") }
        if rmdir(path) < 0, errno != ENOENT { throw SystemError(step: "remove cgroup \(path)", number: errno) }
    }

    static func childGroups(of path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func makeDirectories(_ path: String) throws(SystemError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/") else {
            throw SystemError(step: "make cgroup \(path)", number: errno)
        }
        try makeDirectories(String(path[..<slash]))
        try makeDirectory(path)
    }

    private static func makeDirectory(_ path: String) throws(SystemError) {
        if mkdir(path, 0o755) < 0, errno != EEXIST { throw SystemError(step: "make cgroup \(path)", number: errno) }
    }

    static func write(_ text: String, to path: String) throws(SystemError) {
        let file = try Descriptor(opening: path, O_WRONLY)
        do throws(SystemError) {
            try file.writeAll(text.utf8)
        } catch {
            throw SystemError(step: "write \(text) to \(path)", number: error.number)
        }
    }

    static func read(_ path: String) throws(SystemError) -> String {
        String(decoding: try Descriptor(opening: path, O_RDONLY).readToEnd(), as: UTF8.self)
    }
}
