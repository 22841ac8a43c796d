// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension Launch {
    /// Attaches a kernel filesystem to a directory of the new root, made where the image lacks it. A link in its place
    /// is refused: an image must not lead /proc elsewhere.
    private func attach(_ mount: consuming DetachedMount, at path: String) throws(SystemError) {
        if mkdir(path, 0o755) < 0, errno != EEXIST { throw SystemError(step: "make \(path)", number: errno) }
        let target = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        try mount.attach(over: target.number, named: path)
    }

    func mountProc() throws(SystemError) {
        try attach(try DetachedMount(of: "proc", [], [.noSetuid, .noDevices, .noExecution]), at: "/proc")
    }

    func mountSys() throws(SystemError) {
        let writable: MountAttributes = description.protection.isPrivileged ? [] : .readOnly
        let sys = try DetachedMount(of: "sysfs", [], writable.union([.noSetuid, .noDevices, .noExecution]))
        try attach(sys, at: "/sys")
    }

    /// The devices that every program may count on, and nothing of the host's. OCI runtime specification, "Default
    /// Devices" and "Default Filesystems".
    func mountDev() throws(SystemError) {
        let dev = try DetachedMount(
            of: "tmpfs", [.value("mode", "755"), .value("size", "65536k")], [.noSetuid, .strictAccessTime])
        try attach(dev, at: "/dev")
        let nodes: [(String, UInt32, UInt32)] = [
            ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
        ]
        for (name, major, minor) in nodes {
            try FileNode.makeDevice("/dev/\(name)", .character, major: major, minor: minor, mode: 0o666)
        }
        var links = [
            ("/proc/self/fd", "fd"), ("/proc/self/fd/0", "stdin"), ("/proc/self/fd/1", "stdout"),
            ("/proc/self/fd/2", "stderr"), ("pts/ptmx", "ptmx"),
        ]
        // Docker's, where the kernel has it; it is masked later.
        if access("/proc/kcore", F_OK) == 0 { links.append(("/proc/kcore", "core")) }
        for (target, name) in links { try attempt("link /dev/\(name)") { symlink(target, "/dev/\(name)") } }

        let plain: MountAttributes = [.noSetuid, .noExecution]
        let terminals = try DetachedMount(
            of: "devpts",
            [.flag("newinstance"), .value("ptmxmode", "0666"), .value("mode", "0620"), .value("gid", "5")], plain)
        try attach(terminals, at: "/dev/pts")
        let memory = try DetachedMount(
            of: "tmpfs", [.value("mode", "1777"), .value("size", "65536k")], plain.union(.noDevices))
        try attach(memory, at: "/dev/shm")
        try attach(try DetachedMount(of: "mqueue", [], plain.union(.noDevices)), at: "/dev/mqueue")
        try makeExtraDevices()
    }

    private func makeExtraDevices() throws(SystemError) {
        for node in description.protection.devices {
            if let slash = node.path.lastIndex(of: "/"), slash > node.path.startIndex {
                try FileNode.makeDirectories(String(node.path[..<slash]))
            }
            try FileNode.makeDevice(
                node.path, node.kind == .block ? .block : .character, major: node.major, minor: node.minor,
                mode: node.mode)
            try attempt("own \(node.path)") { lchown(node.path, node.uid, node.gid) }
        }
    }

    /// The container's own group, as the root of what it sees.
    func mountCgroups() throws(SystemError) {
        let writable: MountAttributes = description.protection.isPrivileged ? [] : .readOnly
        let closed: MountAttributes = [.noSetuid, .noDevices, .noExecution]
        if group.isUnified {
            return try attachBelowSys(
                try DetachedMount(of: "cgroup2", [], writable.union(closed)), at: "/sys/fs/cgroup")
        }
        let top = try DetachedMount(of: "tmpfs", [.value("mode", "755")], closed)
        let handle = try top.tree.duplicate()
        try attachBelowSys(top, at: "/sys/fs/cgroup")
        for (name, tree) in groupTrees {
            try attempt("make /sys/fs/cgroup/\(name)") { mkdirat(handle.number, name, 0o755) }
            let target = try Descriptor(opening: name, in: handle.number, O_RDONLY | O_DIRECTORY)
            try DetachedMount(adopting: tree, named: "cgroup \(name)").attach(over: target.number, named: name)
        }
        if !description.protection.isPrivileged {
            try MountNamespace.change(handle.number, adding: .readOnly, named: "/sys/fs/cgroup")
        }
    }

    /// sysfs has this directory on every kernel with cgroups, and nothing can be made in it.
    private func attachBelowSys(_ mount: consuming DetachedMount, at path: String) throws(SystemError) {
        let target = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
        try mount.attach(over: target.number, named: path)
    }

    /// The program that reaps and passes signals on, where Docker puts it.
    mutating func placeInit() throws(SystemError) {
        guard let tree = initTree else { return }
        initTree = nil
        try FileNode.makeDirectories("/sbin")
        let target = try Descriptor(opening: Self.initPath, O_RDONLY | O_CREAT | O_NOFOLLOW, mode: 0o755)
        try DetachedMount(adopting: tree, named: "dsh-init").attach(over: target.number, named: Self.initPath)
    }

    static var initPath: String { "/sbin/docker-init" }

    /// Hides paths: a file behind /dev/null, a directory behind an empty one. What does not exist needs no hiding.
    func maskPaths() throws(SystemError) {
        // The empty directory lies over the first one and is copied from there: before Linux 6.15 a mount that is
        // attached nowhere cannot be copied.
        var empty: CInt?
        defer { if let empty { close(empty) } }
        for path in description.protection.maskedPaths {
            guard let target = try existing(path) else { continue }
            var status = stat()
            try attempt("look at \(path)") { fstat(target.number, &status) }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            switch (isDirectory, empty) {
            case (false, _):
                try DetachedMount(cloning: "/dev/null").attach(over: target.number, named: path)
            case (true, .some(let empty)):
                try DetachedMount(cloning: "", in: empty).attach(over: target.number, named: path)
            case (true, .none):
                let first = try DetachedMount(of: "tmpfs", [], .readOnly)
                empty = try first.tree.duplicate().release()
                try first.attach(over: target.number, named: path)
            }
        }
    }

    /// Makes paths read-only by mounting them over themselves.
    func protectPaths() throws(SystemError) {
        for path in description.protection.readOnlyPaths {
            guard let target = try existing(path) else { continue }
            let copy = try DetachedMount(cloning: path, recursive: true)
            // Those of /proc stay what proc is; only writing ends.
            try copy.change(adding: .readOnly, recursive: true)
            try copy.attach(over: target.number, named: path)
        }
    }

    private func existing(_ path: String) throws(SystemError) -> Descriptor? {
        do throws(SystemError) {
            return try Descriptor(opening: path, Descriptor.pathOnly)
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR { return nil }
            throw error
        }
    }

    func makeRootReadOnly() throws(SystemError) {
        guard description.root.isReadOnly else { return }
        let root = try Descriptor(opening: "/", Descriptor.pathOnly | O_DIRECTORY)
        try MountNamespace.change(root.number, adding: .readOnly, named: "/")
    }
}
