// SPDX-License-Identifier: Apache-2.0
internal import Commands
internal import Engine

/// Containers that go on running although the dsh that ran them was killed.
struct LeftRunning: Sendable {
    let session: Session

    init(_ session: Session) { self.session = session }

    /// Says so, once for each.
    func report() async {
        for id in AttachedNote.takeAbandoned() {
            // A container that has ended since, or is another engine's, needs no word.
            guard let summary = try? await session.engine.containers.inspect(ContainerName(id)).summary,
                summary.state.isRunning
            else { continue }
            session.notice(.goesOnRunning(summary.name))
        }
    }
}
