// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

/// `ps [OPTIONS]`: lists containers.
struct ListContainersCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "ps", "container ls", "container list", "container ps", usage: "[OPTIONS]",
        summary: Text("List containers", "컨테이너를 보여 줍니다"),
        flags: [.all, .filter, .format, .last, .latest, .noTrunc, .quietList, .sizes])

    @Flag(.all) var all = false
    @Option(.filter, transform: Filter.init(parsing:)) var filters: [Filter] = []
    @Option(.format) var format: String?
    @Option(.last, transform: Number.integer) var last: Int?
    @Flag(.latest) var latest = false
    @Flag(.noTrunc) var noTrunc = false
    @Flag(.quietList) var quiet = false
    @Flag(.sizes) var sizes = false

    func run(in session: Session) async throws {
        var query = ContainerQuery(all: all)
        query.filters = filters
        query.limit = latest ? 1 : last.flatMap { $0 > 0 ? $0 : nil }
        // A template may ask for sizes without -s.
        query.sizes = sizes || format?.contains(".Size") ?? false
        let now = Timestamp.now
        let rows = try await session.engine.containers.list(query).map {
            ContainerRow(summary: $0, isShort: !noTrunc, now: now)
        }
        let view = ContainerRow.view
        let fields = sizes ? view.standard + ["Size"] : nil
        try view.print(rows, as: .init(isQuiet: quiet, format: format, fields: fields), in: session)
    }
}

extension FlagDeclaration {
    fileprivate static let all = FlagDeclaration(
        "all", "a", .none, Text("Show all containers (default shows just running)", "멈춘 것까지 모두 보여 줍니다"))
    fileprivate static let filter = FlagDeclaration(
        "filter", "f", .many("filter"), Text("Filter output based on conditions provided", "조건에 맞는 것만 보여 줍니다"),
        candidates: .filters(["ancestor", "exited", "id", "label", "name", "network", "publish", "status", "volume"]))
    fileprivate static let last = FlagDeclaration(
        "last", "n", .one("int"),
        Text("Show n last created containers (includes all states)", "마지막에 만든 n개를 보여 줍니다"))
    fileprivate static let latest = FlagDeclaration(
        "latest", "l", .none,
        Text("Show the latest created container (includes all states)", "마지막에 만든 것을 보여 줍니다"))
    fileprivate static let sizes = FlagDeclaration(
        "size", "s", .none, Text("Display total file sizes", "파일의 크기도 보여 줍니다"))
}
