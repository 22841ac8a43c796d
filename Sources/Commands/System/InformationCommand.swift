// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import DockerAPI
import Engine
import Terminal

/// `info [OPTIONS]`: what the engine has and what this machine gives it.
struct InformationCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "info", "system info", usage: "[OPTIONS]",
        summary: Text("Display system-wide information", "엔진과 이 컴퓨터의 정보를 보여 줍니다"), flags: [.formatWithShort])

    @Option(.formatWithShort) var format: String?

    func run(in session: Session) async throws {
        let summary = try await session.engine.system.summary()
        if let format { return try session.print(.object(summary.document), as: format) }
        for (name, value) in lines(of: summary) {
            session.output.line(value.isEmpty ? "\(name):" : "\(name): \(value)")
        }
        for item in summary.security { session.output.line("  \(item)") }
        for warning in summary.warnings { session.error.line(warning) }
    }

    /// Docker's names and their order; the security options follow as a list of their own.
    private func lines(of summary: EngineSummary) -> [(String, String)] {
        [
            ("Containers", "\(summary.running + summary.paused + summary.stopped)"), (" Running", "\(summary.running)"),
            (" Paused", "\(summary.paused)"), (" Stopped", "\(summary.stopped)"), ("Images", "\(summary.images)"),
            ("Server Version", summary.version.version), ("Storage Driver", summary.storage),
            ("Cgroup Version", summary.cgroupVersion),
            ("Cgroup Controllers", summary.controllers.joined(separator: " ")), ("Kernel Version", summary.kernel),
            ("Operating System", summary.operatingSystem), ("OSType", "linux"), ("Architecture", summary.architecture),
            ("CPUs", "\(summary.processors)"), ("Total Memory", summary.memory.binaryText()), ("Name", summary.name),
            ("Docker Root Dir", summary.root), ("Run Root", summary.runRoot), ("Security Options", ""),
        ]
    }
}
