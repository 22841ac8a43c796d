// SPDX-License-Identifier: Apache-2.0

extension Instruction {
    /// What the history of an image says made it, of an expanded instruction: `created_by`.
    ///
    /// - Parameters:
    ///   - shell: what the shell form is given to.
    ///   - variables: those after the instruction; a RUN names the ARGs that its command could see.
    ///   - workingDirectory: the absolute one that WORKDIR led to.
    /// - Returns: `nil` for FROM and ONBUILD, which write none.
    public func historyText(shell: [String], variables: StageVariables, workingDirectory: String) -> String? {
        switch operation {
        case .from, .onbuild: nil
        case .run(let run): "RUN " + Self.arguments(variables) + Self.commandText(run, shell) + " # buildkit"
        case .copy(let copy): Self.text("COPY", copy)
        case .add(let copy): Self.text("ADD", copy)
        case .workdir: "WORKDIR \(workingDirectory)"
        case .env(let pairs): "ENV " + pairs.map { "\($0.name.text)=\($0.value.text)" }.joined(separator: " ")
        case .label(let pairs): "LABEL " + pairs.map { "\($0.name.text)=\($0.value.text)" }.joined(separator: " ")
        case .arg(let declarations):
            "ARG "
                + declarations.map { one in one.name.text + (one.value.map { "=" + $0.text } ?? "") }
                .joined(separator: " ")
        case .cmd(let line): "CMD [\(line.command(shell: shell).map(\.quoted).joined(separator: " "))]"
        case .entrypoint(let line): "ENTRYPOINT [\(line.command(shell: shell).map(\.quoted).joined(separator: " "))]"
        case .healthcheck(let check): Self.text(check)
        case .expose(let ports):
            // Ports that cannot be read were refused before they came here.
            "EXPOSE [\(ports.flatMap { (try? ExposedPort.parse($0)) ?? [] }.map(\.description).joined(separator: " "))]"
        case .user(let word): "USER \(word.text)"
        case .volume(let words): "VOLUME [\(words.map(\.text).joined(separator: " "))]"
        case .stopsignal(let word): "STOPSIGNAL \(word.text)"
        case .shell(let words): "SHELL [\(words.map(\.text).joined(separator: " "))]"
        case .maintainer(let word): "MAINTAINER \(word.text)"
        }
    }

    /// Whether it makes a layer; a WORKDIR makes one unless it is the root.
    public func makesLayer(workingDirectory: String) -> Bool {
        switch keyword {
        case .run, .copy, .add: true
        case .workdir: workingDirectory != "/"
        default: false
        }
    }

    /// `|2 a=1 b=2 ` before the command of a RUN.
    private static func arguments(_ variables: StageVariables) -> String {
        var names: [String] = []
        var values: [String: String] = [:]
        for argument in variables.arguments {
            if values[argument.name] == nil { names.append(argument.name) }
            values[argument.name] = variables[argument.name] ?? argument.value ?? ""
        }
        guard !names.isEmpty else { return "" }
        return "|\(names.count) " + names.map { "\($0)=\(values[$0] ?? "") " }.joined()
    }

    private static func commandText(_ run: RunCommand, _ shell: [String]) -> String {
        switch run.start {
        case .shell(let text): (shell + [text]).joined(separator: " ")
        case .exec(let words): words.joined(separator: " ")
        case .script(let name, _): (shell + ["/dev/pipes/\(name)"]).joined(separator: " ")
        }
    }

    private static func text(_ keyword: String, _ copy: FileCopy) -> String {
        var parts = [keyword]
        if copy.keepsParents { parts.append("--parents") }
        if let owner = copy.owner { parts.append("--chown=\(owner.text)") }
        if let mode = copy.mode { parts.append("--chmod=\(mode.text)") }
        parts += copy.paths.map(\.text) + copy.documents.map { "<<\($0.name)" } + [copy.destination.text, "# buildkit"]
        return parts.joined(separator: " ")
    }

    private static func text(_ check: HealthCheck) -> String {
        var timing = HealthCheckTiming()
        if case .command(_, let own) = check { timing = own }
        return "HEALTHCHECK {Test:[\(check.test.joined(separator: " "))] Interval:\(GoDuration.text(timing.interval)) "
            + "Timeout:\(GoDuration.text(timing.timeout)) StartPeriod:\(GoDuration.text(timing.startPeriod)) "
            + "StartInterval:\(GoDuration.text(timing.startInterval)) Retries:\(timing.retries)}"
    }
}

extension StageVariables {
    /// What a build shows as the name of a step.
    ///
    /// The keyword is in capitals, variables that have a value are replaced, and a RUN that is a here-document alone
    /// has its first line behind it.
    public func title(of instruction: Instruction) -> String {
        var source = instruction.source
        if case .run(let run) = instruction.operation, let document = run.documents.first, document.isAlone(in: run) {
            let lines = document.written.trimmed.split(whereSeparator: \.isNewline)
            source += " (\(lines.first.map { String($0).trimmed } ?? "")\(lines.count > 1 ? "..." : ""))"
        }
        let isRun = instruction.keyword == .run
        let expander = VariableExpander(escape: escape, keepsUnset: isRun, keepsQuotes: isRun)
        let names = Set(allNames)
        // What cannot be expanded is shown as it is written.
        let shown = (try? expander.expand(source) { names.contains($0) ? self[$0] : nil }.text) ?? source
        let (keyword, rest) = shown.cut(atFirst: " ")
        return keyword.uppercased() + (rest.map { " " + $0 } ?? "")
    }
}

extension HereDocument {
    /// Whether its mark is all of the command.
    fileprivate func isAlone(in run: RunCommand) -> Bool {
        guard case .shell(let line) = run.command else { return false }
        // A mark that cannot be read would have been refused.
        return (try? Marker(line.text, line.span)) != nil
    }
}
