// SPDX-License-Identifier: Apache-2.0

/// Words that are no proper call of a command.
struct UsageError: Error, Hashable, Sendable {
    /// Which call of a command the sentence is followed by.
    enum Pointer: Hashable, Sendable {
        /// The command's usage line and the way to its help.
        case usage
        /// The way to its help.
        case help
        /// Nothing: the sentence says it all.
        case none
    }

    /// What is wrong; Docker's sentence where Docker has one.
    var sentence: Text
    /// What was probably meant, or what to do instead.
    var hint: Text?
    /// What is printed below.
    var pointer: Pointer = .usage
    /// Docker's status: 125 for flags, 1 for the number of words.
    var status: Int32 = 125
    /// Docker's client takes this and its engine refuses it: the status is that of the command's other failures in the engine,
    /// 125 for `run` and 1 for the others.
    var isTheEngines = false
    /// The value of `-v` that names no directory of the host: a blank may have cut it.
    var volume: String?
    /// The word that is no command of dsh, where that is what is wrong: it may be a program of this machine.
    var unknownCommand: String?

    /// A value that a flag cannot take.
    static func invalidValue(_ value: String, for flag: FlagDeclaration, _ reason: String) -> Self {
        Self(
            sentence: Text(verbatim: "invalid argument \"\(value)\" for \"\(flag.spelled)\" flag: \(reason)"),
            pointer: .help)
    }

    /// Options that contradict each other, or a word that cannot be read: Docker's sentence alone.
    static func refused(_ sentence: String, hint: Text? = nil, status: Int32 = 125) -> Self {
        Self(sentence: Text(verbatim: sentence), hint: hint, pointer: .help, status: status)
    }

    /// What Docker's engine refuses; found here, where it is cheaper and nothing has been made yet.
    static func refusedAsByEngine(_ sentence: String, hint: Text? = nil) -> Self {
        Self(sentence: Text(verbatim: sentence), hint: hint, pointer: .help, isTheEngines: true)
    }
}
