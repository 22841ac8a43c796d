// SPDX-License-Identifier: Apache-2.0

import Engine
import MonitorProtocol

/// A `--tmpfs` value, read: what `LaunchDescription.Mount` needs.
struct TemporaryMount: Hashable, Sendable {
    private(set) var size: UInt64 = 0
    private(set) var mode: UInt32 = 0o1777
    /// Flags and `uid=`, `gid=`, `nr_inodes=`, the default ones first, so that later ones win.
    private(set) var options = ["noexec", "nosuid", "nodev"]
    private(set) var isReadOnly = false
    let target: String

    private static let flags: Set<String> = [
        "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync", "atime", "noatime",
        "diratime", "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime",
    ]

    /// Reads the options of tmpfs(5) that Docker takes.
    ///
    /// - Throws: `.invalid` for any other.
    init(_ mount: TemporaryFilesystem) throws(EngineError) {
        target = mount.target
        for option in mount.options.split(separator: ",") {
            func refuse() -> EngineError { EngineError(.invalid, .engine, "invalid tmpfs option \"\(option)\"") }
            guard let equals = option.firstIndex(of: "=") else {
                if option == "ro" {
                    isReadOnly = true
                } else if Self.flags.contains(String(option)) {
                    if option == "rw" { isReadOnly = false } else { options.append(String(option)) }
                } else {
                    throw refuse()
                }
                continue
            }
            let value = option[option.index(after: equals)...]
            switch option[..<equals] {
            case "size":
                guard let bytes = Self.size(value) else { throw refuse() }
                size = bytes
            case "mode":
                guard let bits = UInt32(value, radix: 8), bits <= 0o7777 else { throw refuse() }
                mode = bits
            case "uid", "gid", "nr_inodes", "nr_blocks":
                guard !value.isEmpty, value.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) || Self.size(value) != nil else {
                    throw refuse()
                }
                options.append(String(option))
            default: throw refuse()
            }
        }
    }

    /// A number of bytes, or a share of the machine's memory (`50%`), as tmpfs(5) reads it.
    private static func size(_ text: Substring) -> UInt64? {
        if text.hasSuffix("%") {
            guard let share = UInt64(text.dropLast()), share <= 100 else { return nil }
            return Machine.memory / 100 * share
        }
        // No size: the caller says which word was wrong.
        guard let count = try? ByteCount(parsing: text) else { return nil }
        return UInt64(count.bytes)
    }

    /// The mount as a monitor makes it.
    var description: LaunchDescription.Mount {
        var mount = LaunchDescription.Mount()
        mount.kind = .tmpfs
        mount.target = target
        mount.size = size
        mount.mode = mode
        mount.options = options
        mount.isReadOnly = isReadOnly
        return mount
    }
}
