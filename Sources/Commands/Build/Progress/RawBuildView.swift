// SPDX-License-Identifier: Apache-2.0
import DockerAPI
import Engine
import Terminal

/// A build for programs, one JSON object a line, on standard error as BuildKit's `rawjson`.
///
/// Each has `event` (`skipped`, `started`, `output`, `missed`, `explained`, `finished`, `failed`, `note`, at the end `warning` and
/// `built`) and `seconds` since the build began. Those about a step have its `id`; `started` says what it is.
struct RawBuildView: BuildView {
    mutating func text(for event: BuildEvent, at time: Duration, on screen: BuildScreen) -> String {
        switch event {
        case .skipped(let stages): line("skipped", at: time) { $0["stages"] = .strings(stages) }
        case .started(let step):
            line("started", of: step, at: time) { object in
                object["number"] = .integer(Int64(step.number))
                object["total"] = .integer(Int64(step.total))
                if let stage = step.stage { object["stage"] = .string(stage) }
                object["instruction"] = .string(step.instruction)
            }
        case .output(let step, let stream, let bytes):
            line("output", of: step, at: time) { object in
                object["stream"] = stream == .error ? "stderr" : "stdout"
                object["data"] = .string(String(decoding: bytes, as: UTF8.self))
            }
        case .missed(let step, let reason): line("missed", of: step, at: time) { $0["reason"] = .string(reason) }
        case .explained(let step, let reason):
            line("explained", of: step, at: time) { $0["reason"] = .string("\(reason)") }
        case .finished(let step, let fromCache, let size):
            line("finished", of: step, at: time) { object in
                object["cached"] = .bool(fromCache)
                if let size { object["size"] = .integer(size.bytes) }
            }
        case .failed(let step): line("failed", of: step, at: time) { _ in }
        }
    }

    func tick(at time: Duration, on screen: BuildScreen) -> String { "" }

    mutating func text(forNote note: String, at time: Duration, on screen: BuildScreen) -> String {
        line("note", at: time) { $0["text"] = .string(note) }
    }

    func ending(at time: Duration, on screen: BuildScreen) -> String { "" }

    /// What follows a build that succeeded.
    static func lines(of image: BuiltImage) -> [String] {
        let warnings = image.warnings.map { warning in
            text("warning") { object in
                object["rule"] = .string(warning.rule)
                object["message"] = .string(warning.message)
                object["url"] = .string(warning.url)
                object["line"] = .integer(Int64(warning.line))
            }
        }
        return warnings + [
            text("built") { object in
                object["image"] = .string(image.id.text)
                object["names"] = .strings(image.names)
            }
        ]
    }

    private func line(
        _ event: String, of step: BuildStep? = nil, at time: Duration, _ fill: (inout JSONObject) -> Void
    ) -> String {
        Self.text(event) { object in
            let milliseconds = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
            object["seconds"] = .number(Double(milliseconds) / 1000)
            if let step { object["id"] = .integer(Int64(step.id)) }
            fill(&object)
        } + "\n"
    }

    private static func text(_ event: String, _ fill: (inout JSONObject) -> Void) -> String {
        // Its names keep the order in which they are set.
        var object = JSONObject(.fields)
        object["event"] = .string(event)
        fill(&object)
        return JSONValue.object(object).compactText
    }
}
