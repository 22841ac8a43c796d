// SPDX-License-Identifier: Apache-2.0

/// How text looks: a list of SGR parameters (ECMA-48 §8.3.117).
public struct Style: Hashable, Sendable {
    let codes: [UInt8]

    init(_ codes: UInt8...) { self.codes = codes }
    private init(codes: [UInt8]) { self.codes = codes }

    public static let plain = Style()
    public static let bold = Style(1)
    public static let dim = Style(2)
    public static let underlined = Style(4)
    public static let reversed = Style(7)
    public static let red = Style(31)
    public static let green = Style(32)
    public static let yellow = Style(33)
    public static let blue = Style(34)
    public static let magenta = Style(35)
    public static let cyan = Style(36)

    /// Both looks at once: `.bold + .red`.
    public static func + (left: Style, right: Style) -> Style { Style(codes: left.codes + right.codes) }

    /// The sequence that begins this look; empty for ``plain``.
    public var opening: String {
        codes.isEmpty ? "" : "\u{1B}[" + codes.map(String.init).joined(separator: ";") + "m"
    }

    /// The sequence that ends it.
    public var closing: String { codes.isEmpty ? "" : "\u{1B}[0m" }

    /// The text in this look. Ask ``Output/styled(_:_:)`` instead where the text may go to a file.
    public func applied(to text: some StringProtocol) -> String { opening + text + closing }
}
