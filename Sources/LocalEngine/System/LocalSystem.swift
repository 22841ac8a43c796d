// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// What the engine of this machine says about itself.
struct LocalSystem: SystemOperations {
    let core: EngineCore
    let containers: LocalContainers
    let images: any ImageOperations

    func settle(_ id: ContainerID) async throws {
        if try core.database.read({ try ContainerRecord.find($0, id: id) }) != nil {
            try containers.settle(id)
        } else {
            // One more program in a container: only its run directory is left.
            try TreeRemoval.remove(ExecFiles(core.paths, id).directory)
        }
    }

    func version() -> EngineVersion { .current }

    func summary() async throws -> EngineSummary {
        var summary = EngineSummary(version: version())
        for row in try core.database.read({ try ContainerRecord.all($0) }) {
            guard let record = try containers.settled(row) else { continue }
            if record.isSettled { summary.stopped += 1 } else { summary.running += 1 }
        }
        var query = ImageQuery()
        query.all = true
        summary.images = Set(try await images.list(query).map(\.id)).count
        summary.root = core.paths.root
        summary.runRoot = core.paths.runRoot
        summary.storage = "overlay"
        summary.cgroupVersion = core.host.cgroups.rawValue
        summary.controllers = Controllers.available(core.host)
        summary.security = Self.security
        summary.kernel = Machine.kernel
        summary.operatingSystem = Self.operatingSystem
        summary.architecture = Machine.architecture
        summary.processors = Machine.processors
        summary.memory = ByteCount(Int64(Machine.memory))
        summary.name = Machine.name
        summary.warnings = warnings(summary.controllers)
        return summary
    }

    private static var security: [String] {
        var modules: [String] = []
        if access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0 { modules.append("seccomp") }
        let active = SmallFile.text("/sys/kernel/security/lsm") ?? ""
        for name in ["apparmor", "selinux"]
        where active.split(whereSeparator: { ",\n".contains($0) }).contains("\(name)") {
            modules.append(name)
        }
        return modules + ["cgroupns"]
    }

    /// `PRETTY_NAME` of os-release(5).
    private static var operatingSystem: String {
        for line in (SmallFile.text("/etc/os-release") ?? "").split(separator: "\n")
        where line.hasPrefix("PRETTY_NAME=") {
            return String(line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" && $0 != "'" })
        }
        return "Linux"
    }

    private func warnings(_ controllers: [String]) -> [String] {
        var warnings: [String] = []
        for (controller, limit) in [("memory", "memory"), ("cpu", "cpu"), ("pids", "pids")]
        where !controllers.contains(controller) {
            warnings.append("No \(limit) limit support")
        }
        let files = Confinement.openFiles
        if files < Confinement.dockerOpenFiles {
            warnings.append(
                "containers can have \(files) files open, not \(Confinement.dockerOpenFiles): "
                    + "raising the limit needs CAP_SYS_RESOURCE")
        }
        return (warnings + containers.networks.warnings).map { "WARNING: \($0)" }
    }
}

/// Controllers of control groups that limits can use.
private enum Controllers {
    static func available(_ host: Host) -> [String] {
        let names: [Substring]
        if host.cgroups == .v2 {
            names = (SmallFile.text("/sys/fs/cgroup/cgroup.controllers") ?? "").split { $0 == " " || $0 == "\n" }
        } else {
            // cgroups(7): name, hierarchy, number of groups, whether it is enabled. Hierarchy 0 is not mounted.
            names = (SmallFile.text("/proc/cgroups") ?? "").split(separator: "\n").compactMap { line in
                let fields = line.split { $0 == "\t" || $0 == " " }
                return fields.count == 4 && fields[3] == "1" && fields[1] != "0" ? fields[0] : nil
            }
        }
        return names.map(String.init).sorted()
    }
}

extension EngineVersion {
    /// This program's. Asking opens nothing.
    static var current: EngineVersion {
        #if arch(x86_64)
            let platform = "linux/amd64"
        #elseif arch(arm64)
            let platform = "linux/arm64"
        #endif
        #if compiler(>=6.4)
            let compiler = "6.4"
        #elseif compiler(>=6.3)
            let compiler = "6.3"
        #else
            let compiler = "6.2"
        #endif
        return EngineVersion(
            version: "0.1.0", kernel: Machine.kernel, platform: platform, dockerCompatibility: "28.0",
            compiler: compiler)
    }
}
