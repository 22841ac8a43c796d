// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `image prune [OPTIONS]`: removes images that nothing uses.
struct PruneImagesCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "image prune", usage: "[OPTIONS]", summary: Text("Remove unused images", "쓰지 않는 이미지를 지웁니다"),
        flags: [.allUnused, .pruneFilter, .noQuestion])

    @Flag(.allUnused) var all = false
    @Option(.pruneFilter, transform: Filter.init(parsing:)) var filters: [Filter] = []
    @Flag(.noQuestion) var force = false

    func run(in session: Session) async throws {
        let warning =
            all
            ? "WARNING! This will remove all images without at least one container associated to them."
            : "WARNING! This will remove all dangling images."
        let command = all ? "image prune -a -f" : "image prune -f"
        guard try session.confirms(Text(verbatim: warning), isForced: force, command: command) else { return }
        session.print(try await session.engine.images.prune(all: all, filters), heading: "Deleted Images:")
    }
}

extension FlagDeclaration {
    fileprivate static let allUnused = FlagDeclaration(
        "all", "a", .none, Text("Remove all unused images, not just dangling ones", "이름이 있어도 쓰지 않는 것은 모두 지웁니다"))
}
