// SPDX-License-Identifier: Apache-2.0

/// The control groups of a process as the host sees them, of whichever version this machine has.
public struct ControlGroups: Sendable {
    /// Controller (empty for the unified tree) to the group's directory.
    private let directories: [String: String]

    /// The groups of this process.
    /// - Throws: `ProgramFailure` when there is no such process.
    public init(of process: String) throws {
        let mounts = lines(of: "/proc/self/mounts").map { $0.split(separator: " ") }
        var directories: [String: String] = [:]
        for line in lines(of: "/proc/\(process)/cgroup") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                let mount = mounts.first { mount in
                    mount.count > 3
                        && (controller.isEmpty
                            ? mount[2] == "cgroup2"
                            : mount[2] == "cgroup" && mount[3].split(separator: ",").contains(controller))
                }
                if let mount { directories[String(controller)] = "\(mount[1])\(fields[2])" }
            }
        }
        guard !directories.isEmpty else {
            throw ProgramFailure(description: "process \(process) has no control groups")
        }
        self.directories = directories
    }

    /// A controller's file: the first name where the controller is on a tree of its own, the second on the unified one.
    /// - Throws: `ProgramFailure` when this machine has no such controller.
    public func read(_ controller: String, v1: String, v2: String) throws -> String {
        guard let directory = directories[controller] ?? directories[""] else {
            throw ProgramFailure(description: "no tree for \(controller)")
        }
        let path = directories[controller] == nil ? "\(directory)/\(v2)" : "\(directory)/\(v1)"
        let text = text(of: path)
        guard !text.isEmpty else { throw ProgramFailure(description: "nothing in \(path)") }
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
