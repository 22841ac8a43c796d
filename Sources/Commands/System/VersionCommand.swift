// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import DockerAPI
import Engine
import Terminal

/// `version [OPTIONS]`: the versions of dsh and what it stands on.
struct VersionCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "version", usage: "[OPTIONS]", summary: Text("Show the version of dsh", "dsh의 버전을 보여 줍니다"),
        flags: [.formatWithShort])

    @Option(.formatWithShort) var format: String?

    func run(in session: Session) async throws {
        let version = try session.version
        if let format { return try session.print(.object(version.document), as: format) }
        session.output.write(
            """
            dsh:
             Version:          \(version.version)
             Docker's words:   \(version.dockerCompatibility)
             Kernel:           \(version.kernel)
             OS/Arch:          \(version.platform)
             Swift version:    \(version.compiler)

            """)
    }
}

extension Session {
    /// Prints one document as `--format` wants it: `json` on one line, or a template.
    func print(_ document: JSONValue, as format: String) throws {
        switch format {
        case "json": output.line(document.compactText)
        default: output.line(try FormatTemplate(parsing: format)(document))
        }
    }
}
