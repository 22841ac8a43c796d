// SPDX-License-Identifier: Apache-2.0

import Engine
import FoundationEssentials
import OCI

/// Applies an instruction of a Dockerfile to an image's settings: `--change` of `import`.
///
/// - SeeAlso: docker-import(1); Dockerfile reference.
enum ConfigurationChange {
    static func apply(_ line: String, to settings: inout ImageConfiguration.Settings) throws(EngineError) {
        let trimmed = line.trimmed
        let instruction = trimmed.prefix { !$0.isWhitespace }.uppercased()
        let rest = String(trimmed.dropFirst(instruction.count)).trimmed
        let known = [
            "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
            "HEALTHCHECK",
        ]
        guard known.contains(instruction) else {
            throw EngineError(.invalid, .engine, "\(instruction) is not a valid change command")
        }
        guard !rest.isEmpty else {
            throw EngineError(.invalid, .engine, "\(instruction) requires at least one argument")
        }
        switch instruction {
        case "CMD": settings.command = command(rest, settings)
        case "ENTRYPOINT":
            settings.entrypoint = command(rest, settings)
            // What ran with another entrypoint means nothing to this one.
            settings.command = nil
        case "ENV": try setEnvironment(rest, &settings)
        case "EXPOSE": try expose(rest, &settings)
        case "LABEL":
            var labels = settings.labels ?? [:]
            for (name, value) in try pairs(rest, instruction) { labels[name] = value }
            settings.labels = labels
        case "ONBUILD": settings.onBuild = (settings.onBuild ?? []) + [rest]
        case "STOPSIGNAL": settings.stopSignal = rest
        case "USER": settings.user = rest
        case "VOLUME":
            var volumes = settings.volumes ?? [:]
            for volume in list(rest) ?? rest.split(whereSeparator: \.isWhitespace).map(String.init) {
                volumes[volume] = .init()
            }
            settings.volumes = volumes
        case "WORKDIR":
            let base = settings.workingDirectory ?? ""
            settings.workingDirectory = rest.hasPrefix("/") ? rest : (base.isEmpty ? "/" : base + "/") + rest
        default: settings.healthcheck = try healthcheck(rest, settings)
        }
    }

    /// `["a", "b"]` as it stands; anything else is a line for the shell.
    private static func command(_ text: String, _ settings: ImageConfiguration.Settings) -> [String] {
        list(text) ?? (settings.shell ?? ["/bin/sh", "-c"]) + [text]
    }

    private static func list(_ text: String) -> [String]? {
        guard text.hasPrefix("[") else { return nil }
        // What is no list of strings is a line for the shell, as in a Dockerfile.
        return try? JSONDecoder().decode([String].self, from: Data(text.utf8))
    }

    private static func setEnvironment(
        _ text: String, _ settings: inout ImageConfiguration.Settings
    ) throws(EngineError) {
        var environment = settings.environment ?? []
        for (name, value) in try pairs(text, "ENV") {
            environment.removeAll { $0.hasPrefix(name + "=") }
            environment.append("\(name)=\(value)")
        }
        settings.environment = environment
    }

    private static func expose(_ text: String, _ settings: inout ImageConfiguration.Settings) throws(EngineError) {
        var ports = settings.exposedPorts ?? [:]
        for word in text.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: "/", omittingEmptySubsequences: false)
            let range = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) ?? 0 }
            let transport = parts.count > 1 ? parts[1].lowercased() : "tcp"
            guard parts.count <= 2, range.count <= 2, let first = range.first, let last = range.last, first > 0,
                first <= last,
                ["tcp", "udp", "sctp"].contains(transport)
            else { throw EngineError(.invalid, .engine, "invalid containerPort: \(word)") }
            for port in first...last { ports["\(port)/\(transport)"] = .init() }
        }
        settings.exposedPorts = ports
    }

    /// `A=b C="d e"`, or the older `A the rest`.
    private static func pairs(_ text: String, _ instruction: String) throws(EngineError) -> [(String, String)] {
        let words = try self.words(text)
        guard let first = words.first else { return [] }
        guard first.contains("=") else {
            guard words.count > 1 else {
                throw EngineError(.invalid, .engine, "\(instruction) must have two arguments")
            }
            return [(first, String(text.dropFirst(first.count)).trimmed)]
        }
        return try words.map { (word) throws(EngineError) in
            guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
                throw EngineError(
                    .invalid, .engine, "Syntax error - can't find = in \"\(word)\". Must be of the form: name=value")
            }
            return (String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
    }

    /// Words with their quotes and backslashes taken off.
    private static func words(_ text: String) throws(EngineError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "\\" where quote != "'": word = (word ?? "") + (rest.popFirst().map(String.init) ?? "")
            case "'" where quote == nil, "\"" where quote == nil:
                quote = character
                word = word ?? ""
            case quote: quote = nil
            case let blank where blank.isWhitespace && quote == nil:
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else {
            throw EngineError(.invalid, .engine, "unexpected end of statement: a quote is missing")
        }
        return words + (word.map { [$0] } ?? [])
    }

    private static func healthcheck(
        _ text: String, _ settings: ImageConfiguration.Settings
    ) throws(EngineError) -> ImageConfiguration.Healthcheck {
        var check = ImageConfiguration.Healthcheck()
        var rest = text
        while rest.hasPrefix("--") {
            let option = rest.prefix { !$0.isWhitespace }
            rest = String(rest.dropFirst(option.count)).trimmed
            let parts = option.dropFirst(2).split(separator: "=", maxSplits: 1)
            func nanoseconds() throws(EngineError) -> Int64 {
                guard parts.count == 2, let time = ImageFilter.age(String(parts[1])) else {
                    throw EngineError(.invalid, .engine, "invalid value for \(option)")
                }
                return time
            }
            switch parts.first {
            case "interval": check.interval = try nanoseconds()
            case "timeout": check.timeout = try nanoseconds()
            case "start-period": check.startPeriod = try nanoseconds()
            case "start-interval": check.startInterval = try nanoseconds()
            case "retries" where parts.count == 2: check.retries = Int(parts[1])
            default: throw EngineError(.invalid, .engine, "unknown flag: \(option)")
            }
        }
        let kind = rest.prefix { !$0.isWhitespace }.uppercased()
        let argument = String(rest.dropFirst(kind.count)).trimmed
        switch kind {
        case "NONE": check.test = ["NONE"]
        case "CMD" where !argument.isEmpty: check.test = list(argument).map { ["CMD"] + $0 } ?? ["CMD-SHELL", argument]
        default: throw EngineError(.invalid, .engine, "Unknown type in HEALTHCHECK (try CMD)")
        }
        return check
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
