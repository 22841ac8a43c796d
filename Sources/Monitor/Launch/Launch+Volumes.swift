// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension Launch {
    /// Mounts what the user asked for, in order. Everything happens inside the new root, so that links in the image lead
    /// nowhere else.
    ///
    /// A program that joins a container sees its mounts alone, in a mount namespace of its own.
    mutating func mountVolumes() throws(StartFailure) {
        if description.kind == .exec, !description.mounts.isEmpty {
            do throws(SystemError) {
                try Namespaces.leave(.mount)
                try MountNamespace.setPropagation(.slave)
            } catch {
                throw StartFailure(.mountVolumes, error)
            }
        }
        for (mount, tree) in zip(description.mounts, volumeTrees) {
            do throws(SystemError) {
                switch mount.kind {
                case .bind: try bind(tree ?? -1, as: mount)
                case .tmpfs: try mountMemory(mount)
                }
            } catch {
                throw Self.failure(of: mount, error)
            }
        }
        volumeTrees = []
    }

    private func bind(_ tree: CInt, as mount: LaunchDescription.Mount) throws(SystemError) {
        let copy = DetachedMount(adopting: tree, named: mount.source)
        var options = try MountOptions(mount.options)
        if mount.isReadOnly { options.added.insert(.readOnly) }
        if !options.added.isEmpty || !options.removed.isEmpty {
            try copy.change(adding: options.added, removing: options.removed, recursive: mount.isRecursive)
        }
        try attach(copy, as: mount)
    }

    private func mountMemory(_ mount: LaunchDescription.Mount) throws(SystemError) {
        var options = try MountOptions(mount.options)
        if mount.isReadOnly { options.added.insert(.readOnly) }
        var settings: [DetachedMount.Option] = [.value("mode", String(mount.mode, radix: 8))]
        if mount.size > 0 { settings.append(.value("size", "\(mount.size)")) }
        try attach(try DetachedMount(of: "tmpfs", settings + options.settings, options.added), as: mount)
    }

    private func attach(
        _ tree: consuming DetachedMount, as mount: LaunchDescription.Mount
    ) throws(SystemError) {
        switch mount.placeholder {
        case .nothing: break
        case .directory: try FileNode.makeDirectories(mount.target)
        case .file:
            if let slash = mount.target.lastIndex(of: "/"), slash > mount.target.startIndex {
                try FileNode.makeDirectories(String(mount.target[..<slash]))
            }
            // One that exists is left alone, whatever it is.
            if access(mount.target, F_OK) < 0 {
                _ = try Descriptor(opening: mount.target, O_WRONLY | O_CREAT | O_NOCTTY | O_NONBLOCK, mode: 0o644)
            }
        }
        let target = try Descriptor(opening: mount.target, Descriptor.pathOnly)
        // The kernel's reason would be EINVAL, which says nothing.
        guard try Self.isDirectory(tree.tree.number) == Self.isDirectory(target.number) else {
            throw SystemError(step: "mount \(mount.source) on \(mount.target)", number: ENOTDIR)
        }
        try Self.refuseProc(target.number)
        try tree.attach(over: target.number, named: mount.target)
    }

    /// What Docker lets people put over files of /proc: lxcfs(1) does.
    private static let replaceable: Set<String> = [
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime",
        "/proc/loadavg", "/proc/slabinfo", "/proc/net/dev", "/proc/sys/kernel/ns_last_pid",
        "/proc/sys/crypto/fips_enabled",
    ]

    /// Nothing lies over /proc, wherever a link in the image leads: what is hidden there must stay what it is. The
    /// descriptor is asked and not the path, which somebody who shares a volume may change meanwhile.
    ///
    /// - Throws: EXDEV.
    private static func refuseProc(_ target: CInt) throws(SystemError) {
        guard try DetachedMount.isProc(target) else { return }
        let path = try Descriptor(opening: "/proc/self/fd", O_RDONLY | O_DIRECTORY).linkTarget(of: "\(target)")
        if !replaceable.contains(path) { throw SystemError(step: "mount on \(path)", number: EXDEV) }
    }

    private static func isDirectory(_ number: CInt) throws(SystemError) -> Bool {
        var status = stat()
        try attempt("look at a mount") { fstat(number, &status) }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    private static func failure(of mount: LaunchDescription.Mount, _ error: SystemError) -> StartFailure {
        if error.number == EXDEV {
            return StartFailure(
                .mountVolumes, .engine, number: error.number,
                "error mounting \"\(mount.source)\" to rootfs at \"\(mount.target)\": \"\(mount.target)\" cannot be mounted "
                    + "because it is inside /proc")
        }
        guard error.number == ENOTDIR || error.number == EISDIR else { return StartFailure(.mountVolumes, error) }
        return StartFailure(
            .mountVolumes, .engine, number: error.number,
            "error mounting \"\(mount.source)\" to rootfs at \"\(mount.target)\": not a directory: Are you trying to "
                + "mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the "
                + "expected type")
    }
}

/// The words after the second colon of `--tmpfs` and `-v`, as the kernel takes them: mount(8).
struct MountOptions {
    var added: MountAttributes = []
    var removed: MountAttributes = []
    /// What the filesystem itself understands.
    var settings: [DetachedMount.Option] = []

    init(_ words: [String]) throws(SystemError) {
        for word in words {
            switch word {
            case "ro": added.insert(.readOnly)
            case "rw": added.remove(.readOnly)
            case "nosuid": added.insert(.noSetuid)
            case "suid": drop(.noSetuid)
            case "nodev": added.insert(.noDevices)
            case "dev": drop(.noDevices)
            case "noexec": added.insert(.noExecution)
            case "exec": drop(.noExecution)
            case "noatime": added.insert(.noAccessTime)
            case "strictatime": added.insert(.strictAccessTime)
            case "nodiratime": added.insert(.noDirectoryAccessTime)
            case "relatime", "diratime", "atime": break
            default:
                guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
                    throw SystemError(step: "mount option \(word)", number: EINVAL)
                }
                settings.append(.value(String(word[..<equals]), String(word[word.index(after: equals)...])))
            }
        }
    }

    private mutating func drop(_ attribute: MountAttributes) {
        added.remove(attribute)
        removed.insert(attribute)
    }
}
