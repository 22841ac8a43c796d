// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

/// An image as the stack of layers that it is, the topmost first: a box a layer.
///
///     ┌──────────────────────────────────┐
///     │ 3  COPY . /app              430B │
///     ├──────────────────────────────────┤
///     │ 2  RUN npm install         8.6MB │
///     │    also in app:1                 │
///     └──────────────────────────────────┘
struct LayerStackDrawing {
    let image: String
    /// Lowest first.
    let layers: [ImageLayer]
    let language: Language
    /// Whether instructions are cut where there is no room.
    var isShort = true

    /// Instructions are cut to so many columns where the output is no terminal, as `history` cuts them.
    private static let usual = 64
    /// A box that says anything at all.
    private static let narrowest = 20

    /// - Parameter columns: of the terminal; `nil` for a file or a pipe.
    func lines(columns: Int?) -> [String] {
        guard !layers.isEmpty else { return [Text.imageHasNoLayers(image).text(in: language)] }
        let numberWidth = "\(layers.count)".columns
        let boxes = layers.reversed().map { Box(layer: $0, numberWidth: numberWidth, language: language) }
        let wanted = boxes.map { $0.naturalWidth }.max() ?? 0
        let room: Int? =
            // Without a limit nothing is cut; the last column of a terminal stays free.
            if let columns { max(Self.narrowest, columns - 1 - 4) } else { isShort ? Self.usual : nil }
        let width = max(Self.narrowest, min(wanted, room ?? wanted))
        let rule = String(repeating: "─", count: width + 2)
        var lines = [heading]
        for (index, box) in boxes.enumerated() {
            lines.append(index == 0 ? "┌\(rule)┐" : "├\(rule)┤")
            lines += box.rows(width: width, isCut: isShort).map { "│ " + $0.padded(to: width) + " │" }
        }
        lines.append("└\(rule)┘")
        guard let columns else { return lines }
        return heading.wrapped(to: max(Self.narrowest, columns - 1)) + lines.dropFirst()
    }

    private var heading: String {
        let all = ByteCount(layers.reduce(0) { $0 + $1.size.bytes })
        let shared = ByteCount(layers.reduce(0) { $0 + ($1.sharers.isEmpty ? 0 : $1.size.bytes) })
        var parts = [Text.layers(layers.count).text(in: language), all.decimalText()]
        if shared.bytes > 0 { parts.append(Text.ofWhichShared(shared.decimalText()).text(in: language)) }
        return "\(image.neutralised): \(parts.joined(separator: ", "))"
    }

    /// One layer.
    private struct Box {
        let layer: ImageLayer
        let numberWidth: Int
        let language: Language

        private var instruction: String { layer.shownInstruction.neutralised }
        private var size: String { layer.size.decimalText() }
        private var sharing: String? {
            layer.sharers.isEmpty ? nil : Text.alsoIn(layer.sharers.map(\.neutralised)).text(in: language)
        }

        var naturalWidth: Int {
            max(
                numberWidth + 2 + instruction.columns + 2 + size.columns, numberWidth + 2 + (sharing?.columns ?? 0))
        }

        func rows(width: Int, isCut: Bool) -> [String] {
            let number = "\(layer.number)".padded(to: numberWidth, .right) + "  "
            let blank = String(repeating: " ", count: number.columns)
            let room = max(1, width - number.columns - 2 - size.columns)
            let texts = isCut ? [instruction.truncated(to: room)] : instruction.wrapped(to: room)
            var rows = [number + texts[0].padded(to: room) + "  " + size]
            rows += texts.dropFirst().map { blank + $0 }
            guard let sharing else { return rows }
            let below = width - number.columns
            // Names are cut last where there are many: one row is enough to see that it is shared.
            return rows + (isCut ? [sharing.truncated(to: below)] : sharing.wrapped(to: below)).map { blank + $0 }
        }
    }
}
