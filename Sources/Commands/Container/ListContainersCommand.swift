// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `ps [OPTIONS]`: lists containers.
struct ListContainersCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "ps", "container ls", "container list", "container ps", usage: "[OPTIONS]",
        summary: Text("List containers", "컨테이너를 보여 줍니다"),
        flags: [.all, .filter, .last, .latest, .noTrunc, .quietList, .sizes])

    @Flag(.all) var all = false
    @Option(.filter, transform: Filter.init(parsing:)) var filters: [Filter] = []
    @Option(.last, transform: Number.integer) var last: Int?
    @Flag(.latest) var latest = false
    @Flag(.noTrunc) var noTrunc = false
    @Flag(.quietList) var quiet = false
    @Flag(.sizes) var sizes = false

    func run(in session: Session) async throws {
        var query = ContainerQuery(all: all)
        query.filters = filters
        query.limit = latest ? 1 : last.flatMap { $0 > 0 ? $0 : nil }
        query.sizes = sizes
        let now = Timestamp.now
        let rows = try await session.engine.containers.list(query).map {
            ContainerRow(summary: $0, isShort: !noTrunc, now: now)
        }
        if quiet {
            for row in rows { session.output.line(row.id) }
            return
        }
        var table = Table([
            .init("CONTAINER ID"), .init("IMAGE", shrinksTo: 12), .init("COMMAND", shrinksTo: 10), .init("CREATED"),
            .init("STATUS", shrinksTo: 12), .init("PORTS", shrinksTo: 12), .init("NAMES"),
        ])
        for row in rows {
            table.append([row.id, row.image, row.command, row.runningFor, row.status, row.ports, row.summary.name])
        }
        session.output.write(table.text(for: session.output))
    }
}

extension FlagDeclaration {
    static let all = FlagDeclaration(
        "all", "a", .none, Text("Show all containers (default shows just running)", "멈춘 것까지 모두 보여 줍니다"))
    static let filter = FlagDeclaration(
        "filter", "f", .many("filter"), Text("Filter output based on conditions provided", "조건에 맞는 것만 보여 줍니다"),
        candidates: .filters(["ancestor", "exited", "id", "label", "name", "network", "publish", "status", "volume"]))
    static let last = FlagDeclaration(
        "last", "n", .one("int"),
        Text("Show n last created containers (includes all states)", "마지막에 만든 n개를 보여 줍니다"))
    static let latest = FlagDeclaration(
        "latest", "l", .none,
        Text("Show the latest created container (includes all states)", "마지막에 만든 것을 보여 줍니다"))
    static let noTrunc = FlagDeclaration("no-trunc", nil, .none, Text("Don't truncate output", "줄이지 않고 다 보여 줍니다"))
    static let quietList = FlagDeclaration("quiet", "q", .none, Text("Only display IDs", "ID만 보여 줍니다"))
    static let sizes = FlagDeclaration("size", "s", .none, Text("Display total file sizes", "파일의 크기도 보여 줍니다"))
}
