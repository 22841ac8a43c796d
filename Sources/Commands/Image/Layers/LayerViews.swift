// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

/// A layer for `layers --format`.
struct LayerRow: Sendable {
    let layer: ImageLayer
    /// Whether digests and instructions are cut short.
    let isShort: Bool

    /// What a list of layers can show.
    static let view = ListView<LayerRow>(
        type: "*dsh.layerContext",
        fields: [
            .init("Number", "LAYER") { "\($0.layer.number)" },
            .init("ID", "DIFF ID") { $0.isShort ? String($0.layer.diffID.dropFirst(7).prefix(12)) : $0.layer.diffID },
            .init("CreatedBy", "CREATED BY", shrinksTo: 16, isVital: true) { row in
                row.isShort ? row.layer.shownInstruction.truncated(to: 45) : row.layer.shownInstruction
            },
            .init("Size", "SIZE") { $0.layer.size.decimalText() },
            .init("SharedWith", "SHARED WITH", shrinksTo: 8) { $0.layer.sharers.joined(separator: ", ") },
        ],
        standard: ["Number", "CreatedBy", "Size", "SharedWith"])
}

extension ImageLayer {
    /// The instruction as it is written in a Dockerfile, on one line: without what the builders put around it.
    var shownInstruction: String {
        var text = instruction[...]
        if text.hasSuffix(" # buildkit") { text = text.dropLast(11) }
        let shell = "/bin/sh -c "
        if text.hasPrefix(shell + "#(nop)") {
            text = text.dropFirst(shell.count + 6).drop { $0 == " " }
        } else if text.hasPrefix("RUN " + shell) {
            text = "RUN " + text.dropFirst(4 + shell.count)
        } else if text.hasPrefix(shell) {
            // The builder before BuildKit wrote a RUN as what it ran.
            text = "RUN " + text.dropFirst(shell.count)
        }
        return String(text.map { $0 == "\t" || $0.isNewline ? " " : $0 })
    }
}

/// A file of a layer as `layers IMAGE N` lists it.
struct LayerChangeRow: Sendable {
    let change: LayerChange

    /// Docker's letters: `diff`.
    var kind: String { change.former == nil ? "A" : change.present == nil ? "D" : "C" }

    var path: String {
        let file = change.present ?? change.former
        return change.path + (file?.kind == .directory ? "/" : "")
    }

    /// What is known about it: `412B`, `412B → 430B`, `rw-r--r-- → rwxr-xr-x`.
    var size: String {
        guard let former = change.former, let present = change.present else {
            let file = change.present ?? change.former
            return file.flatMap { Self.size($0, isGone: change.present == nil) } ?? ""
        }
        let sizes = [Self.size(former, isGone: true), Self.size(present, isGone: false)].compactMap(\.self)
        if sizes.count == 2, sizes[0] != sizes[1] || former.kind != present.kind {
            return sizes.joined(separator: " → ")
        }
        return sizes.last ?? ""
    }

    /// What else is different: mode and owner, where a link leads.
    var details: String {
        let (former, present) = (change.former, change.present)
        if let target = (present ?? former)?.target { return "-> \(target)" }
        guard let former, let present else { return "" }
        var words: [String] = []
        if former.mode != present.mode { words.append("\(Self.octal(former.mode)) → \(Self.octal(present.mode))") }
        if former.owner != present.owner || former.group != present.group {
            words.append("\(former.owner):\(former.group) → \(present.owner):\(present.group)")
        }
        return words.joined(separator: ", ")
    }

    private static func octal(_ mode: UInt32) -> String { String(mode, radix: 8) }

    /// Only files have a size; a directory that is gone takes its files' bytes along.
    private static func size(_ file: LayerFile, isGone: Bool) -> String? {
        switch file.kind {
        case .file: file.size.decimalText()
        case .directory: isGone ? file.size.decimalText() : nil
        case .link, .special: nil
        }
    }

    /// What a list of a layer's files can show.
    static let view = ListView<LayerChangeRow>(
        type: "*dsh.layerChangeContext",
        fields: [
            .init("Kind", " ") { $0.kind },
            .init("Size", "SIZE") { $0.size },
            .init("Path", "PATH", shrinksTo: 20, isVital: true) { $0.path },
            .init("Details", "DETAILS", shrinksTo: 8) { $0.details },
        ],
        standard: ["Kind", "Size", "Path", "Details"], id: "Path")
}

/// Which layer a path is from, in sentences.
struct PathOriginReport {
    /// The path as it was typed.
    let asked: String
    let origin: PathOrigin
    /// Lowest first.
    let layers: [ImageLayer]
    let language: Language

    var lines: [String] {
        guard let first = origin.words.first else { return [] }
        let heading: Text
        switch first.file {
        case nil: heading = .pathIsRemoved(origin.path, layer: first.layer)
        case let file? where file.kind == .directory && partCount > 1: heading = .pathIsMerged(origin.path, partCount)
        case _?: heading = .pathIsFrom(origin.path, layer: first.layer)
        }
        var lines = [heading.text(in: language)]
        if isElsewhere { lines.append(Text.pathIsReached(asked, origin.path).text(in: language)) }
        let facts = origin.words.map(facts(of:))
        let width = facts.map(\.columns).max() ?? 0
        let numbers = "\(layers.count)".columns
        lines += zip(origin.words, facts).map { word, facts in
            let layer = layers.indices.contains(word.layer - 1) ? layers[word.layer - 1] : nil
            let number = "\(word.layer)".padded(to: numbers, .right)
            return "  \(number)  \(facts.padded(to: width, .right))  \(layer?.shownInstruction ?? "")"
        }
        return lines
    }

    /// How many layers a directory is the union of.
    private var partCount: Int { origin.words.prefix { $0.file?.kind == .directory }.count }

    /// Whether links on the way led to another path than was typed.
    private var isElsewhere: Bool { HostPath.withoutDots(asked) != origin.path }

    /// `430B`, `D` where the layer removes it, nothing for what has no size.
    private func facts(of word: PathOrigin.Word) -> String {
        guard let file = word.file else { return "D" }
        switch file.kind {
        case .file: return file.size.decimalText()
        case .link: return "-> " + (file.target ?? "")
        case .directory, .special: return ""
        }
    }
}
