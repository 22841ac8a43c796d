// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `container prune [OPTIONS]`: removes every container that is not running.
struct PruneContainersCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "container prune", usage: "[OPTIONS]",
        summary: Text("Remove all stopped containers", "멈춘 컨테이너를 모두 지웁니다"),
        flags: [.pruneFilter, .noQuestion])

    @Option(.pruneFilter, transform: Filter.init(parsing:)) var filters: [Filter] = []
    @Flag(.noQuestion) var force = false

    func run(in session: Session) async throws {
        let warning = Text(verbatim: "WARNING! This will remove all stopped containers.")
        guard try session.confirms(warning, isForced: force, command: "container prune -f") else { return }
        let report = try await session.engine.containers.prune(filters)
        session.forget(report.removed.map { ContainerName($0) })
        session.print(report, heading: "Deleted Containers:")
    }
}
