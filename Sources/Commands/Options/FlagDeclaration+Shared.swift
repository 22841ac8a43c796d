// SPDX-License-Identifier: Apache-2.0
import Engine

/// Flags that several commands have.
extension FlagDeclaration {
    static let format = FlagDeclaration(
        "format", nil, .one("string"),
        Text(
            #"Format output: "table", "table TEMPLATE", "json" or a Go template"#,
            #"모양을 정합니다: "table", "table 틀", "json", 또는 Go 템플릿"#),
        candidates: .words(["json", "table"]))
    static let formatWithShort = FlagDeclaration(
        "format", "f", .one("string"),
        Text(#"Format output: "json" or a Go template"#, #"모양을 정합니다: "json" 또는 Go 템플릿"#),
        candidates: .words(["json"]))
    static let noTrunc = FlagDeclaration("no-trunc", nil, .none, Text("Don't truncate output", "줄이지 않고 다 보여 줍니다"))
    static let quietList = FlagDeclaration("quiet", "q", .none, Text("Only display IDs", "ID만 보여 줍니다"))
    static let pruneFilter = FlagDeclaration(
        "filter", nil, .many("filter"),
        Text(#"Provide filter values (e.g. "until=<timestamp>")"#, #"조건을 줍니다 (예: "until=<시각>")"#),
        candidates: .filters(["label", "until"]))
    static let noQuestion = FlagDeclaration(
        "force", "f", .none, Text("Do not prompt for confirmation", "묻지 않고 합니다"))
    static let signal = FlagDeclaration(
        "signal", "s", .one("string"), Text("Signal to send to the container", "컨테이너에 보낼 신호"), candidates: .signals)
    /// The transform of signals, for `--stop-signal` too.
    @Sendable static func signalNamed(_ text: String) throws(UsageError) -> Signal {
        do { return try Signal(parsing: text) } catch { throw .refusedAsByEngine("invalid signal: \(text)") }
    }
    static let timeout = FlagDeclaration(
        "timeout", "t", .one("int"),
        Text("Seconds to wait before killing the container", "강제로 끝내기 전에 기다릴 시간(초)"), olderNames: ["time"])
    static let noStdin = FlagDeclaration("no-stdin", nil, .none, Text("Do not attach STDIN", "표준 입력에는 붙지 않습니다"))
}
