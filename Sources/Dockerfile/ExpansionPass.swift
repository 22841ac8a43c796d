// SPDX-License-Identifier: Apache-2.0

/// Replaces the variables of one instruction.
struct ExpansionPass {
    var values: [String: String]
    let escape: Character
    private(set) var unset: [StageVariables.Unset] = []

    init(values: [String: String], escape: Character) {
        self.values = values
        self.escape = escape
    }

    private mutating func expansion(
        of word: Word, by expander: VariableExpander
    ) throws(DockerfileError) -> Expansion {
        let values = values
        let expansion = try expander.expand(word) { values[$0] }
        for name in expansion.unset where !unset.contains(where: { $0.name == name }) {
            unset.append(StageVariables.Unset(name: name, span: word.span))
        }
        return expansion
    }

    mutating func expand(_ word: Word) throws(DockerfileError) -> Word {
        Word(try expansion(of: word, by: VariableExpander(escape: escape)).text, word.span)
    }

    private mutating func expand(_ word: Word?) throws(DockerfileError) -> Word? {
        guard let word else { return nil }
        return try expand(word)
    }

    private mutating func expand(_ words: [Word]) throws(DockerfileError) -> [Word] {
        var result: [Word] = []
        for word in words { result.append(try expand(word)) }
        return result
    }

    mutating func expand(_ operation: Operation) throws(DockerfileError) -> Operation {
        switch operation {
        case .add(let copy): return .add(try expand(copy, isCopy: false))
        case .copy(let copy): return .copy(try expand(copy, isCopy: true))
        case .env(let pairs): return .env(try expand(pairs))
        case .label(let pairs): return .label(try expand(pairs))
        case .expose(let ports): return .expose(try expandPorts(ports))
        case .stopsignal(let word): return .stopsignal(try expand(word))
        case .user(let word): return .user(try expand(word))
        case .volume(let words):
            let volumes = try expand(words)
            for volume in volumes where volume.text.isEmpty {
                throw DockerfileError("VOLUME specified can not be an empty string", volume.span)
            }
            return .volume(volumes)
        case .workdir(let word): return .workdir(try expand(word))
        case .run(let command): return .run(try expand(command))
        case .arg, .cmd, .entrypoint, .from, .healthcheck, .maintainer, .onbuild, .shell: return operation
        }
    }

    private mutating func expand(_ pairs: [KeyValuePair]) throws(DockerfileError) -> [KeyValuePair] {
        var result = pairs
        for index in result.indices {
            result[index].name = try expand(result[index].name)
            result[index].value = try expand(result[index].value)
        }
        return result
    }

    /// A variable of EXPOSE may hold several ports. They are sorted as BuildKit sorts them, as words.
    private mutating func expandPorts(_ ports: [Word]) throws(DockerfileError) -> [Word] {
        var result: [Word] = []
        for port in ports.sorted(by: { $0.text < $1.text }) {
            let words = try expansion(of: port, by: VariableExpander(escape: escape)).words
            result += words.map { Word($0, port.span) }
        }
        return result
    }

    private mutating func expand(_ copy: FileCopy, isCopy: Bool) throws(DockerfileError) -> FileCopy {
        var result = copy
        for index in result.sources.indices {
            switch result.sources[index] {
            case .path(let word): result.sources[index] = .path(try expand(word))
            case .document(let document) where document.expands:
                // Quotes mean nothing in the text, and a backslash escapes whatever the file's own escape is.
                let expander = VariableExpander(escape: "\\", ignoresQuotes: true)
                let text = try expansion(of: Word(document.written, document.span), by: expander).text
                result.sources[index] = .document(document.replacing(written: text))
            case .document: break
            }
        }
        result.destination = try expand(copy.destination)
        result.owner = try expand(copy.owner)
        result.mode = try expand(copy.mode)
        result.checksum = try expand(copy.checksum)
        result.excludes = try expand(copy.excludes)
        try check(result, isCopy: isCopy)
        return result
    }

    /// What only the values show to be wrong.
    private func check(_ copy: FileCopy, isCopy: Bool) throws(DockerfileError) {
        if let mode = copy.mode { _ = try FileModeChange(parsing: mode) }
        if isCopy {
            for path in copy.paths {
                switch CopyLocation(path.text) {
                case .local: break
                case .url: throw DockerfileError("source can't be a URL for COPY", path.span, hint: "ADD takes URLs")
                case .git: throw DockerfileError("source can't be a git ref for COPY", path.span)
                }
            }
        }
        guard let checksum = copy.checksum else { return }
        guard copy.sources.count == 1, let source = copy.paths.first else {
            throw DockerfileError("checksum can't be specified for multiple sources", checksum.span)
        }
        if CopyLocation(source.text) == .local {
            throw DockerfileError("checksum requires HTTP(S) or Git sources", checksum.span)
        }
    }

    private mutating func expand(_ command: RunCommand) throws(DockerfileError) -> RunCommand {
        var result = command
        result.mounts = []
        for flag in command.mountFlags {
            var pass = self
            result.mounts.append(
                try MountReader.read(flag) { (word: Word) throws(DockerfileError) in try pass.expand(word).text })
            self = pass
        }
        return result
    }
}
