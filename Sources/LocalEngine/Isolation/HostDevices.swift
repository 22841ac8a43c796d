// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// The devices of the host, which `--privileged` shows inside as they are outside.
enum HostDevices {
    /// What a container has of its own, or gets from file systems of its own.
    private static let own: Set<String> = [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/console",
    ]
    private static let skipped: Set<String> = ["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev"]

    /// Every device below /dev, with its owner and bits; what vanishes meanwhile is left out.
    static var nodes: [LaunchDescription.DeviceNode] { nodes(below: "/dev", depth: 0) }

    private static func nodes(below directory: String, depth: Int) -> [LaunchDescription.DeviceNode] {
        // Unplugged meanwhile, or nothing that could be looked into: then there is nothing to show of it.
        guard let names = try? Descriptor(opening: directory, O_RDONLY | O_DIRECTORY).entryNames() else { return [] }
        return names.sorted().flatMap { name -> [LaunchDescription.DeviceNode] in
            let path = "\(directory)/\(name)"
            var status = stat()
            guard !own.contains(path), lstat(path, &status) == 0 else { return [] }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: return skipped.contains(name) || depth > 8 ? [] : nodes(below: path, depth: depth + 1)
            case S_IFCHR, S_IFBLK:
                var node = LaunchDescription.DeviceNode()
                node.path = path
                node.kind = status.st_mode & S_IFMT == S_IFBLK ? .block : .character
                (node.major, node.minor) = DeviceNumber.parts(status.st_rdev)
                node.mode = status.st_mode & 0o7777
                node.uid = status.st_uid
                node.gid = status.st_gid
                return [node]
            default: return []
            }
        }
    }
}
