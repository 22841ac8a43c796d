// SPDX-License-Identifier: Apache-2.0

/// A signal of Linux, by number 1 to 64.
public struct Signal: Hashable, Sendable, CustomStringConvertible {
    /// 1 to 64, as signal(7) numbers them on x86-64 and arm64.
    public let number: Int32

    /// `nil` outside 1 to 64.
    public init?(number: Int32) {
        guard (1...64).contains(number) else { return nil }
        self.number = number
    }

    private init(known number: Int32) { self.number = number }

    /// Ends what a terminal's Ctrl-C ends.
    public static let interrupt = Signal(known: 2)
    /// Cannot be caught.
    public static let kill = Signal(known: 9)
    /// Asks to end.
    public static let terminate = Signal(known: 15)

    private static let names: [Int32: String] = [
        1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1",
        11: "SEGV",
        12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM", 16: "STKFLT", 17: "CHLD", 18: "CONT", 19: "STOP", 20: "TSTP",
        21: "TTIN", 22: "TTOU", 23: "URG", 24: "XCPU", 25: "XFSZ", 26: "VTALRM", 27: "PROF", 28: "WINCH", 29: "IO",
        30: "PWR",
        31: "SYS", 34: "RTMIN", 64: "RTMAX",
    ]

    /// Reads `9`, `KILL`, `SIGKILL`, `kill`, `RTMIN+3`.
    public init(parsing text: some StringProtocol) throws(Malformed) {
        let upper = text.uppercased()
        let bare = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        if let number = Int32(bare), let signal = Signal(number: number), bare.first != "+" {
            self = signal
        } else if let known = Self.names.first(where: { $0.value == bare }) {
            self.number = known.key
        } else if bare.hasPrefix("RTMIN+"), let offset = Int32(bare.dropFirst(6)), (0...30).contains(offset) {
            self.number = 34 + offset
        } else if bare.hasPrefix("RTMAX-"), let offset = Int32(bare.dropFirst(6)), (0...30).contains(offset) {
            self.number = 64 - offset
        } else {
            throw Malformed(text, "no such signal")
        }
    }

    /// `SIGTERM`, `SIGRTMIN+3`.
    public var description: String {
        if let name = Self.names[number] { return "SIG" + name }
        return "SIGRTMIN+\(number - 34)"
    }
}
