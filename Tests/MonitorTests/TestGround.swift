// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol
import TestSupport

/// A directory with a layer of BusyBox, on which one test starts containers with the real monitor.
struct TestGround {
    /// What a program wrote and how it ended.
    struct Outcome {
        let report: LaunchReport
        var output: [UInt8] = []
        var errorOutput: [UInt8] = []
        var exit: ExitRecord?

        var text: String { String(decoding: output, as: UTF8.self) }
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: true) }
        var failure: StartFailure? { if case .failed(let failure) = report { failure } else { nil } }
        var adjustments: [Adjustment] { if case .started(let started) = report { started.adjustments } else { [] } }
    }

    /// A monitor that runs.
    struct Running {
        let description: LaunchDescription
        let report: LaunchReport
        let monitor: Int32
        var places: MonitorPlaces {
            MonitorPlaces(directory: description.directory, runDirectory: description.runDirectory)
        }
        var started: LaunchReport.Started {
            get throws {
                switch report {
                case .started(let started): return started
                case .failed(let failure): throw failure
                }
            }
        }

        /// Waits for the monitor itself, and returns its raw status.
        @discardableResult
        func reap() -> Int32 {
            var status: Int32 = 0
            while waitpid(monitor, &status, 0) < 0, errno == EINTR {}
            return status
        }

        func record() throws -> ExitRecord {
            try ExitRecord(decoding: try Descriptor(opening: places.exitRecord, O_RDONLY).readToEnd())
        }
    }

    let directory: String
    let cgroupParent: String
    var layer: String { "\(directory)/layer" }
    static var monitorPath: String { "\(DshProgram.builtDirectory)/dsh-monitor" }

    /// Runs `body` on a fresh ground, and takes away whatever it left.
    static func scoped<Result>(_ body: (TestGround) throws -> Result) throws -> Result {
        var template = Array("/tmp/dsh-monitor-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemError(step: "mkdtemp", number: errno) }
        let ground = TestGround(directory: String(cString: made))
        defer { ground.remove() }
        try ground.makeLayer()
        return try body(ground)
    }

    private init(directory: String) {
        self.directory = directory
        cgroupParent = "dsh-test-\(directory.suffix(6))"
    }

    private func remove() {
        let check = LeakCheck(directory: directory, tag: cgroupParent)
        check.clean()
        for root in ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"] {
            // A group that a failed test left.
            if let group = try? Cgroup(parent: [], name: cgroupParent), access("\(root)", F_OK) == 0 {
                try? group.killAll()
                try? group.remove()
            }
        }
        removeTree(directory)
    }

    private func removeTree(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR, let stream = opendir(path) {
            var names: [String] = []
            while let entry = readdir(stream) {
                names.append(
                    withUnsafeBytes(of: entry.pointee.d_name) {
                        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                    })
            }
            closedir(stream)
            for name in names where name != "." && name != ".." { removeTree("\(path)/\(name)") }
        }
        Glibc.remove(path)
    }

    private func makeLayer() throws {
        for name in ["bin", "etc", "tmp", "root", "home/user", "var/lib"] {
            try FileNode.makeDirectories("\(layer)/\(name)")
        }
        chmod("\(layer)/tmp", 0o1777)
        chown("\(layer)/home/user", 1000, 1000)
        let busybox = try Descriptor(opening: "/bin/busybox", O_RDONLY)
        let copy = try Descriptor(opening: "\(layer)/bin/busybox", O_WRONLY | O_CREAT, mode: 0o755)
        _ = try busybox.copyRest(to: copy)
        for name in Self.applets { symlink("busybox", "\(layer)/bin/\(name)") }
        try write("root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n", to: "etc/passwd")
        try write("root:x:0:\nuser:x:1000:\nstaff:x:50:user\nwheel:x:10:root,user\n", to: "etc/group")
    }

    private static let applets = [
        "sh", "cat", "echo", "id", "ls", "true", "false", "sleep", "head", "tail", "wc", "stty", "mknod", "mkdir", "rm",
        "touch", "readlink", "hostname", "ip", "ps", "kill", "grep", "sed", "awk", "mount", "umount", "dd", "tr", "od",
        "env", "pwd", "stat", "chmod", "chown", "su", "nc", "seq", "yes", "test", "tty", "setsid", "cut", "sort", "tee",
        "nproc", "printf", "find", "timeout", "umask", "date", "ln", "mv", "cp", "basename", "usleep",
    ]

    /// Writes a file of the layer.
    func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws {
        let file = try Descriptor(opening: "\(layer)/\(path)", O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        try file.writeAll(text.utf8)
        chmod("\(layer)/\(path)", mode)
    }
}
