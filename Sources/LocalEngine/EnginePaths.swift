// SPDX-License-Identifier: Apache-2.0

/// Where one engine keeps everything. Two engines with different roots know nothing of each other.
public struct EnginePaths: Hashable, Sendable {
    /// What must outlive the machine's restart: `/var/lib/dsh` unless `DSH_ROOT` or `--root` says otherwise.
    public let root: String
    /// What need not: `/run/dsh` unless `DSH_RUN` or `--run-root` says otherwise.
    public let runRoot: String

    /// Takes absolute paths; a final `/` is dropped.
    public init(root: String = "/var/lib/dsh", runRoot: String = "/run/dsh") {
        func trimmed(_ path: String) -> String {
            path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        }
        self.root = trimmed(root)
        self.runRoot = trimmed(runRoot)
    }

    var database: String { root + "/dsh.sqlite" }
    var blobs: String { root + "/blobs/sha256" }
    var layers: String { root + "/layers" }
    var seccompPrograms: String { root + "/seccomp" }
    var events: String { root + "/events" }

    /// Upper and work directory, launch description, log, exit record, hosts, hostname and resolv.conf of a container.
    func container(_ id: String) -> String { root + "/containers/" + id }

    /// Sockets and the liveness lock of a container's supervisor.
    func run(_ id: String) -> String { runRoot + "/containers/" + id }

    /// Eight hexadecimal digits that tell this root from others in names that the whole machine shares: the bridge, the
    /// nftables table, the cgroup parent.
    var fingerprint: String {
        // FNV-1a, 32 bits: short enough for an interface's name of 15 characters, and the same in every process.
        var hash: UInt32 = 2_166_136_261
        for byte in root.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
