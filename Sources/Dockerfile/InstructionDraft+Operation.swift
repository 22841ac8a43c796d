// SPDX-License-Identifier: Apache-2.0

extension InstructionDraft {
    /// Reads the arguments. `documents` are the texts of the here-documents, in the order of their marks.
    func instruction(_ documents: [HereDocument]) throws(DockerfileError) -> Instruction {
        let end = documents.last?.span
        return Instruction(
            keyword: keyword, name: name, span: end.map(line.span.joined) ?? line.span, source: text.string(range),
            comments: line.comments, emptyContinuation: line.emptyContinuation,
            operation: try operation(documents))
    }

    private func operation(_ documents: [HereDocument]) throws(DockerfileError) -> Operation {
        switch keyword {
        case .add: return .add(try fileCopy(documents))
        case .arg: return .arg(try arguments())
        case .cmd:
            try noFlags()
            return .cmd(try commandLine(rest))
        case .copy: return .copy(try fileCopy(documents))
        case .entrypoint:
            try noFlags()
            return .entrypoint(try commandLine(rest))
        case .env: return .env(try pairs())
        case .expose:
            let ports = text.fields(rest).map(text.word)
            try needs(!ports.isEmpty, "at least one argument")
            try noFlags()
            return .expose(ports)
        case .from: return .from(try baseImage())
        case .healthcheck: return .healthcheck(try healthCheck())
        case .label: return .label(try pairs())
        case .maintainer: return .maintainer(try single())
        case .onbuild: return .onbuild(try trigger(documents))
        case .run: return .run(try run(documents))
        case .shell: return .shell(try shell())
        // BuildKit does not look at flags here.
        case .stopsignal:
            try needs(!rest.isEmpty, "exactly one argument")
            return .stopsignal(restWord)
        case .user: return .user(try single())
        case .volume: return .volume(try volumes())
        case .workdir: return .workdir(try single())
        }
    }

    private func needs(_ condition: Bool, _ what: String) throws(DockerfileError) {
        guard condition else { throw failure("\(keyword.rawValue) requires \(what)") }
    }

    private func single() throws(DockerfileError) -> Word {
        try needs(!rest.isEmpty, "exactly one argument")
        try noFlags()
        return restWord
    }

    private func shell() throws(DockerfileError) -> [Word] {
        try noFlags()
        let command = try commandLine(rest)
        try needs(!rest.isEmpty && command != .exec([]), "at least one argument")
        guard case .exec(let words) = command else {
            throw failure("SHELL requires the arguments to be in JSON form", hint: "SHELL [\"/bin/bash\", \"-c\"]")
        }
        return words
    }

    private func volumes() throws(DockerfileError) -> [Word] {
        let words = try list()
        try needs(!words.isEmpty, "at least one argument")
        try noFlags()
        for word in words where word.text.trimmed.isEmpty {
            throw DockerfileError("VOLUME specified can not be an empty string", word.span)
        }
        return words.map { Word($0.text.trimmed, $0.span) }
    }

    /// `KEY=value …`, or `KEY value` in the old form.
    private func pairs() throws(DockerfileError) -> [KeyValuePair] {
        try noFlags()
        let fields = text.quotedFields(rest, escape: escape)
        guard let first = fields.first else { throw failure("\(keyword.rawValue) requires at least one argument") }
        guard text.bytes[first].contains(Byte.equals) else {
            let (name, value) = text.firstWord(rest)
            guard !value.isEmpty else { throw failure("\(keyword.rawValue) must have two arguments") }
            return [KeyValuePair(name: text.word(name), value: text.word(value), isLegacy: true)]
        }
        var pairs: [KeyValuePair] = []
        for field in fields {
            guard let equals = text.bytes[field].firstIndex(of: Byte.equals) else {
                let word = text.word(field)
                throw DockerfileError(
                    "Syntax error - can't find = in \(word.text.quoted). Must be of the form: name=value", word.span,
                    hint: "a value with spaces needs quotes: \(keyword.rawValue) NAME=\"two words\"")
            }
            guard equals > field.lowerBound else {
                throw DockerfileError("\(keyword.rawValue) names can not be blank", text.span(field))
            }
            let name = text.word(field.lowerBound..<equals)
            pairs.append(KeyValuePair(name: name, value: text.word(equals + 1..<field.upperBound), isLegacy: false))
        }
        return pairs
    }

    private func arguments() throws(DockerfileError) -> [ArgumentDeclaration] {
        var result: [ArgumentDeclaration] = []
        for field in text.quotedFields(rest, escape: escape) {
            guard let equals = text.bytes[field].firstIndex(of: Byte.equals) else {
                result.append(ArgumentDeclaration(name: text.word(field), value: nil))
                continue
            }
            guard equals > field.lowerBound else {
                throw DockerfileError("ARG names can not be blank", text.span(field))
            }
            let name = text.word(field.lowerBound..<equals)
            result.append(ArgumentDeclaration(name: name, value: text.word(equals + 1..<field.upperBound)))
        }
        try needs(!result.isEmpty, "at least one argument")
        return result
    }

    private func baseImage() throws(DockerfileError) -> BaseImage {
        let words = text.fields(rest).map(text.word)
        let isNamed = words.count == 3 && words[1].text.lowercased() == "as"
        guard words.count == 1 || isNamed else {
            throw failure("FROM requires either one or three arguments", hint: "FROM IMAGE, or FROM IMAGE AS NAME")
        }
        if isNamed, !Self.isStageName(words[2].text.lowercased()) {
            throw DockerfileError(
                "invalid name for build stage: \(words[2].text.quoted), "
                    + "name can't start with a number or contain symbols", words[2].span)
        }
        let flags = try InstructionFlags(flags, allowed: ["platform": .text])
        return BaseImage(
            base: words[0], stageName: isNamed ? words[2] : nil, asKeyword: isNamed ? words[1] : nil,
            platform: flags.text("platform"))
    }

    private static func isStageName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first >= 97, first <= 122 else { return false }
        return name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || "-_.".utf8.contains($0) }
    }

    private func trigger(_ documents: [HereDocument]) throws(DockerfileError) -> Trigger {
        try needs(!rest.isEmpty, "at least one argument")
        try noFlags()
        let draft = try trigger()
        switch draft.keyword {
        case .onbuild:
            throw DockerfileError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", draft.name.span)
        case .maintainer, .from:
            throw DockerfileError("\(draft.keyword.rawValue) isn't allowed as an ONBUILD trigger", draft.name.span)
        default: break
        }
        let text = restWord.text + documents.map { "\n\($0.written)\($0.name)" }.joined()
        return Trigger(text: text, instruction: try draft.instruction(documents))
    }

    private func run(_ documents: [HereDocument]) throws(DockerfileError) -> RunCommand {
        let flags = try InstructionFlags(
            flags, allowed: ["mount": .texts, "network": .text, "security": .text, "device": .texts])
        if let device = flags.texts("device").first {
            throw DockerfileError("RUN --device is not supported", device.span)
        }
        var mounts: [RunMount] = []
        for flag in flags.texts("mount") {
            // A name that needs a variable cannot be looked for before the build has begun.
            if let from = flag.text.split(separator: ",").first(where: { $0.lowercased().hasPrefix("from=") }),
                from.contains("$")
            {
                throw DockerfileError(
                    "'from' doesn't support variable expansion, define alias stage instead", flag.span)
            }
            if flag.text.contains("$") {
                mounts.append(RunMount(span: flag.span))
            } else {
                mounts.append(try MountReader.read(flag) { $0.text })
            }
        }
        return RunCommand(
            command: try commandLine(rest), documents: documents, mountFlags: flags.texts("mount"), mounts: mounts,
            network: try flags.choice("network", "network mode"),
            security: try flags.choice("security", "security mode"))
    }
}
