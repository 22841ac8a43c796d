// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `rm [OPTIONS] CONTAINER [CONTAINER…]`: removes containers.
struct RemoveContainersCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "rm", "container rm", "container remove", usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        summary: Text("Remove one or more containers", "컨테이너를 지웁니다"),
        arguments: .init(1, nil, .containers(.removable), current: .container), flags: [.force, .volumes],
        absentFlags: "l/link")

    @Flag(.force) var force = false
    @Flag(.volumes) var volumes = false
    @Argument(transform: { ContainerName($0) }) var containers: [ContainerName] = []

    func run(in session: Session) async throws {
        try await session.forEach(try session.orCurrent(containers)) { name in
            try await session.engine.containers.remove(name, force: force, volumes: volumes)
            session.forget([name])
        }
    }
}

extension FlagDeclaration {
    fileprivate static let force = FlagDeclaration(
        "force", "f", .none,
        Text("Force the removal of a running container (uses SIGKILL)", "실행 중이어도 강제로 끝내고 지웁니다"))
    fileprivate static let volumes = FlagDeclaration(
        "volumes", "v", .none,
        Text("Remove anonymous volumes associated with the container", "컨테이너에 딸린 이름 없는 볼륨도 지웁니다"))
}
