// SPDX-License-Identifier: Apache-2.0

/// A Dockerfile that was read: its instructions, stage by stage.
public struct DockerfileDocument: Hashable, Sendable {
    /// A `FROM` and what follows it up to the next.
    public struct Stage: Hashable, Sendable {
        /// Its number, from 0.
        public let index: Int
        /// The FROM instruction.
        public let from: Instruction
        /// What FROM says.
        public let base: BaseImage
        /// The instructions behind it.
        public internal(set) var instructions: [Instruction]

        /// Its name in lower case; `nil` where it has none.
        public var name: String? { base.stageName?.text.lowercased() }
    }

    /// The text it was read from.
    public let text: DockerfileText
    /// What the comments at its head say.
    public let directives: ParserDirectives
    /// The ARG instructions before the first FROM.
    public let globalArguments: [Instruction]
    /// The stages in order; at least one.
    public let stages: [Stage]

    /// Every instruction in order.
    public var instructions: [Instruction] { globalArguments + stages.flatMap { [$0.from] + $0.instructions } }

    /// Reads the bytes of a file.
    /// - Throws: `DockerfileError` at the first mistake, also for what is no text; the latter has no line to be shown.
    public static func parse(bytes: [UInt8], name: String) throws(DockerfileError) -> DockerfileDocument {
        try parse(try DockerfileText(bytes: bytes, name: name))
    }

    /// Reads a text.
    /// - Throws: `DockerfileError` at the first mistake.
    public static func parse(_ text: DockerfileText) throws(DockerfileError) -> DockerfileDocument {
        let (instructions, directives) = try read(text)
        guard let last = instructions.last else {
            let end = text.bytes.count
            throw DockerfileError(
                "the Dockerfile cannot be empty", TextSpan(end, end), hint: "its first line is FROM IMAGE")
        }
        var arguments: [Instruction] = []
        var stages: [Stage] = []
        for instruction in instructions {
            if case .from(let base) = instruction.operation {
                stages.append(Stage(index: stages.count, from: instruction, base: base, instructions: []))
            } else if !stages.isEmpty {
                stages[stages.count - 1].instructions.append(instruction)
            } else if instruction.keyword == .arg {
                arguments.append(instruction)
            } else {
                throw DockerfileError(
                    "no build stage in current context", instruction.name.span,
                    hint: "FROM comes first, to say what image to start from; only ARG may stand before it")
            }
        }
        guard !stages.isEmpty else {
            throw DockerfileError("dockerfile contains no stages to build", last.span, hint: "there is no FROM in it")
        }
        return DockerfileDocument(text: text, directives: directives, globalArguments: arguments, stages: stages)
    }

    private static func read(_ text: DockerfileText) throws(DockerfileError) -> ([Instruction], ParserDirectives) {
        var reader = LineReader(text)
        var instructions: [Instruction] = []
        while let line = try reader.next() {
            let escape = reader.directives.directives.escape == "`" ? Byte.backquote : Byte.backslash
            guard !line.text.trimmed(line.text.range).isEmpty else { continue }
            let draft = try InstructionDraft(line, line.text.range, escape: escape)
            var documents: [HereDocument] = []
            for marker in try draft.hereDocumentMarkers() { documents.append(try reader.document(marker)) }
            instructions.append(try draft.instruction(documents))
        }
        return (instructions, reader.directives.directives)
    }

    /// Reads a trigger from the configuration of a base image.
    /// - Throws: `DockerfileError` for a mistake, and for more than one instruction.
    public static func parseTrigger(_ text: String) throws(DockerfileError) -> Instruction {
        let (instructions, _) = try read(DockerfileText(text, name: "ONBUILD"))
        guard let first = instructions.first, instructions.count == 1 else {
            throw DockerfileError("onbuild trigger should be a single expression", TextSpan(0, text.utf8.count))
        }
        switch first.keyword {
        case .onbuild, .maintainer, .from:
            throw DockerfileError("\(first.keyword.rawValue) isn't allowed as an ONBUILD trigger", first.name.span)
        default: return first
        }
    }
}
