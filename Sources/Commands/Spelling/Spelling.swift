// SPDX-License-Identifier: Apache-2.0

/// A command's words as Docker's option library reads them (Go's pflag), rewritten so that ArgumentParser reads the same.
///
/// ArgumentParser knows none of `-p3000:80`, `--rm=true`, `-it=true`, `-e -x`, `--timeout -1`. Afterwards every flag has its
/// long name with its value behind `=`, and every other word stands behind `--`. Pure; driven by the command's declaration.
///
/// - SeeAlso: github.com/spf13/pflag, `parseLongArg` and `parseSingleShortArg`.
struct Spelling: Hashable, Sendable {
    /// Flags in ArgumentParser's spelling.
    private(set) var options: [String] = []
    /// The words that are no flags.
    private(set) var words: [String] = []
    /// Whether `--help` was among the flags.
    private(set) var asksForHelp = false

    /// What ArgumentParser is given.
    var forParser: [String] { words.isEmpty ? options : options + ["--"] + words }

    /// Reads the words after the command's name.
    init(_ input: [String], for command: CommandDeclaration) throws(UsageError) {
        var reader = SpellingReader(command: command, rest: input[...])
        try reader.readAll()
        options = reader.options + reader.switches
        words = reader.words
        asksForHelp = reader.asksForHelp
    }
}

/// Goes through the words once.
private struct SpellingReader {
    let command: CommandDeclaration
    var rest: ArraySlice<String>
    var options: [String] = []
    var words: [String] = []
    var asksForHelp = false
    /// What was said last about each flag without a value, in the order of first mention.
    private var settings: [(flag: FlagDeclaration, isOn: Bool)] = []

    init(command: CommandDeclaration, rest: ArraySlice<String>) {
        self.command = command
        self.rest = rest
    }

    /// Flags without a value, as ArgumentParser takes them.
    var switches: [String] {
        settings.compactMap { setting in
            if setting.flag.value == .onByDefault { return "--\(setting.flag.long)=\(setting.isOn)" }
            return setting.isOn ? "--\(setting.flag.long)" : nil
        }
    }

    mutating func readAll() throws(UsageError) {
        while let word = rest.popFirst() {
            if word == "--" {
                words += rest
                return
            } else if word.hasPrefix("--") {
                try readLong(word.dropFirst(2))
            } else if word.hasPrefix("-"), word != "-" {
                try readShort(word.dropFirst())
            } else if command.endsOptionsAtFirstWord {
                words = [word] + rest
                return
            } else {
                words.append(word)
            }
        }
    }

    private mutating func readLong(_ text: Substring) throws(UsageError) {
        let equals = text.firstIndex(of: "=")
        let name = text[..<(equals ?? text.endIndex)]
        let value = equals.map { text[text.index(after: $0)...] }
        guard !name.isEmpty, name.first != "-" else {
            throw UsageError(sentence: Text(verbatim: "bad flag syntax: --\(text)"))
        }
        if name == "help" {
            asksForHelp = try value.map { value throws(UsageError) in try boolean(value, for: .help) } ?? true
            return
        }
        guard let flag = command.flag(long: name) else {
            guard let ignored = command.ignored.first(where: { $0.long == name }) else { throw unknown(name) }
            if ignored.takesValue, value == nil, rest.popFirst() == nil {
                throw UsageError(sentence: Text(verbatim: "flag needs an argument: --\(name)"))
            }
            return
        }
        if !flag.takesValue {
            set(flag, to: try value.map { value throws(UsageError) in try boolean(value, for: flag) } ?? true)
        } else if let value {
            append(flag, String(value))
        } else if let next = rest.popFirst() {
            append(flag, next)
        } else {
            throw UsageError(sentence: Text(verbatim: "flag needs an argument: --\(name)"))
        }
    }

    /// One word of short flags: `it`, `itp`, `p3000:80`, `it=true`, `e=A=b`.
    private mutating func readShort(_ cluster: Substring) throws(UsageError) {
        var letters = cluster
        while let letter = letters.popFirst() {
            guard let flag = command.flag(short: letter) else {
                if letter == "h" {
                    asksForHelp = true
                    continue
                }
                if let ignored = command.ignored.first(where: { $0.short == letter }) {
                    guard ignored.takesValue else { continue }
                    if letters.isEmpty { rest = rest.dropFirst() }
                    return
                }
                throw unknown(letter, in: cluster)
            }
            // pflag: `=` is only a sign when something follows it.
            let isAssigned = letters.first == "=" && letters.count > 1
            if !flag.takesValue {
                set(flag, to: isAssigned ? try boolean(letters.dropFirst(), for: flag) : true)
                if isAssigned { return }
            } else if isAssigned {
                return append(flag, String(letters.dropFirst()))
            } else if !letters.isEmpty {
                return append(flag, String(letters))
            } else if let next = rest.popFirst() {
                return append(flag, next)
            } else {
                throw UsageError(sentence: Text(verbatim: "flag needs an argument: '\(letter)' in -\(cluster)"))
            }
        }
    }

    private mutating func append(_ flag: FlagDeclaration, _ value: String) {
        // Behind `=` ArgumentParser takes an empty value for none at all.
        options += value.isEmpty ? ["--\(flag.long)", ""] : ["--\(flag.long)=\(value)"]
    }

    private mutating func set(_ flag: FlagDeclaration, to isOn: Bool) {
        settings.removeAll { $0.flag.long == flag.long }
        settings.append((flag, isOn))
    }

    /// Go's strconv.ParseBool.
    private func boolean(_ text: Substring, for flag: FlagDeclaration) throws(UsageError) -> Bool {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": return true
        case "0", "f", "F", "FALSE", "false", "False": return false
        default: throw .invalidValue(String(text), for: flag, "strconv.ParseBool: parsing \"\(text)\": invalid syntax")
        }
    }

    private func unknown(_ name: Substring) -> UsageError {
        if let absent = command.absent.first(where: { $0.long == name }) { return notThereYet(absent) }
        let known = command.flags.map(\.long) + ["help"] + command.absent.map(\.long)
        var error = UsageError(sentence: Text(verbatim: "unknown flag: --\(name)"))
        error.hint = NearestWord.to(String(name), among: known).map { .didYouMean("--\($0)") }
        return error
    }

    private func unknown(_ letter: Character, in cluster: Substring) -> UsageError {
        if let absent = command.absent.first(where: { $0.short == letter }) { return notThereYet(absent) }
        var error = UsageError(sentence: Text(verbatim: "unknown shorthand flag: '\(letter)' in -\(cluster)"))
        // `-name`, `-rm`: one dash where two were meant.
        let word = cluster.prefix { $0 != "=" }
        if word.count > 1, command.flag(long: word) != nil { error.hint = .didYouMean("--\(cluster)") }
        return error
    }

    private func notThereYet(_ flag: BareFlag) -> UsageError {
        UsageError(sentence: .flagIsNotThereYet("--\(flag.long)", command: command.name), pointer: .help)
    }
}

extension FlagDeclaration {
    /// On every command.
    static let help = FlagDeclaration(
        "help", nil, .none, Text("Print usage", "사용법을 보여 줍니다"))
}
