// SPDX-License-Identifier: Apache-2.0

import Linux
import MonitorProtocol

/// A container's control group: `dsh/FINGERPRINT-ID`, so that the roots of one machine share one parent and still know
/// their own.
struct ContainerCgroup: Hashable, Sendable {
    static let parent = "dsh"
    private let name: String

    init(_ paths: EnginePaths, _ id: String) { name = Self.prefix(paths) + id }

    /// What the names of all this root's groups begin with.
    static func prefix(_ paths: EnginePaths) -> String { paths.fingerprint + "-" }

    var placement: LaunchDescription.CgroupPlacement {
        var placement = LaunchDescription.CgroupPlacement()
        placement.parent = [Self.parent]
        placement.name = name
        return placement
    }

    /// The group itself, whether it exists or not.
    ///
    /// - Throws: where no cgroup file system is mounted.
    func group() throws(SystemError) -> Cgroup { try Cgroup(parent: [Self.parent], name: name) }

    /// The container's PID 1, found by its number in its own pid namespace; `nil` where there is none.
    var firstProcess: LaunchReport.Started? {
        // A group that is not there has no processes either.
        for pid in (try? group().processes) ?? [] {
            for line in (SmallFile.text("/proc/\(pid)/status") ?? "").split(separator: "\n")
            where line.hasPrefix("NSpid:") {
                let numbers = line.split { $0 == "\t" || $0 == " " }.dropFirst()
                // A process that has gone meanwhile was not the one asked for.
                guard numbers.count > 1, numbers.last == "1", let ticks = try? ProcessHandle.startTicks(of: pid) else {
                    break
                }
                var found = LaunchReport.Started()
                found.pid = pid
                found.startTicks = ticks
                return found
            }
        }
        return nil
    }
}
