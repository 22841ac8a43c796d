// SPDX-License-Identifier: Apache-2.0

/// The functions of a template: Go's own and those that Docker adds.
///
/// - SeeAlso: Go, text/template, Functions; docs.docker.com, Format command and log output.
enum TemplateFunction {
    /// What went wrong inside a function; the evaluator adds where.
    struct Failure: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    static let names: Set<String> = [
        "json", "split", "join", "title", "lower", "upper", "pad", "truncate", "and", "or", "not", "index", "slice",
        "len",
        "print", "printf", "println", "eq", "ne", "lt", "le", "gt", "ge",
    ]

    /// How many arguments are wanted; `nil` as upper bound means any number.
    static func arity(of name: String) -> (least: Int, most: Int?) {
        switch name {
        case "json", "title", "lower", "upper", "not", "len": (1, 1)
        case "split", "join", "truncate", "ne", "lt", "le", "gt", "ge": (2, 2)
        case "pad": (3, 3)
        case "index", "slice", "printf", "and", "or", "eq": (1, nil)
        default: (0, nil)
        }
    }

    /// Functions that take the place of others in the heading of a table.
    ///
    /// - SeeAlso: docker/cli, templates.HeaderFunctions: a heading is shown as it is by functions that would mangle it.
    static func headingValue(_ name: String, _ values: [JSONValue]) -> JSONValue? {
        switch name {
        case "json", "title", "lower", "upper", "truncate": values.first
        default: nil
        }
    }

    static func call(_ name: String, _ values: [JSONValue]) throws(Failure) -> JSONValue {
        switch name {
        case "json": return .string(values[0].compactText)
        case "lower": return .string(try text(values, 0).lowercased())
        case "upper": return .string(try text(values, 0).uppercased())
        case "title": return .string(titled(try text(values, 0)))
        case "split": return .array(split(try text(values, 0), try text(values, 1)).map(JSONValue.string))
        case "join": return .string(try texts(values, 0).joined(separator: try text(values, 1)))
        case "pad": return .string(padded(try text(values, 0), try integer(values, 1), try integer(values, 2)))
        case "truncate": return .string(try truncated(try text(values, 0), try integer(values, 1)))
        case "not": return .bool(!isTrue(values[0]))
        case "len": return .integer(try length(values[0]))
        case "index": return try index(values)
        case "slice": return try slice(values)
        case "print": return .string(GoFormat.print(values))
        case "println": return .string(values.map(GoText.plain).joined(separator: " ") + "\n")
        case "printf": return .string(GoFormat.printf(try text(values, 0), Array(values.dropFirst())))
        case "eq": return .bool(try isEqual(values))
        case "ne": return .bool(!(try compare(values[0], values[1]) == 0))
        case "lt": return .bool(try order(values) < 0)
        case "le": return .bool(try order(values) <= 0)
        case "gt": return .bool(try order(values) > 0)
        case "ge": return .bool(try order(values) >= 0)
        default: throw Failure("not defined")
        }
    }

    /// Go's idea of a true value: neither zero nor empty; a struct always is one.
    static func isTrue(_ value: JSONValue) -> Bool {
        switch value {
        case .null: false
        case .bool(let value): value
        case .integer(let number): number != 0
        case .number(let number): number != 0
        case .string(let text): !text.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let object):
            switch object.kind {
            case .fields, .row: true
            case .texts, .map: !object.entries.isEmpty
            }
        }
    }

    // MARK: Arguments

    private static func text(_ values: [JSONValue], _ place: Int) throws(Failure) -> String {
        if case .string(let text) = values[place] { return text }
        throw wrongType(values[place], "string")
    }

    private static func integer(_ values: [JSONValue], _ place: Int) throws(Failure) -> Int {
        if case .integer(let number) = values[place] { return Int(number) }
        throw wrongType(values[place], "int")
    }

    private static func texts(_ values: [JSONValue], _ place: Int) throws(Failure) -> [String] {
        if case .null(.list) = values[place] { return [] }
        guard case .array(let elements) = values[place] else { throw wrongType(values[place], "[]string") }
        return try elements.map { element throws(Failure) in
            guard case .string(let text) = element else { throw wrongType(values[place], "[]string") }
            return text
        }
    }

    private static func wrongType(_ value: JSONValue, _ wanted: String) -> Failure {
        if case .null = value { return Failure("invalid value; expected \(wanted)") }
        return Failure("wrong type for value; expected \(wanted); got \(GoText.typeName(value))")
    }

    // MARK: Texts

    /// strings.Title: each letter that follows no letter becomes a capital.
    private static func titled(_ text: String) -> String {
        var result = ""
        var starts = true
        for character in text {
            result += starts ? character.uppercased() : String(character)
            starts = !(character.isLetter || character.isNumber || character == "_" || character == "'")
        }
        return result
    }

    private static func split(_ text: String, _ separator: String) -> [String] {
        if separator.isEmpty { return text.unicodeScalars.map { String($0) } }
        let bytes = Array(text.utf8)
        let mark = Array(separator.utf8)
        var parts: [String] = []
        var start = 0
        var index = 0
        while index + mark.count <= bytes.count {
            if bytes[index..<index + mark.count].elementsEqual(mark) {
                parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
                index += mark.count
                start = index
            } else {
                index += 1
            }
        }
        return parts + [String(decoding: bytes[start...], as: UTF8.self)]
    }

    private static func padded(_ text: String, _ before: Int, _ after: Int) -> String {
        func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, min(count, 1_000_000))) }
        return text.isEmpty ? text : blanks(before) + text + blanks(after)
    }

    /// Docker counts bytes and would cut a Hangul syllable in the middle; here the syllable goes whole.
    private static func truncated(_ text: String, _ length: Int) throws(Failure) -> String {
        guard length >= 0 else { throw Failure("runtime error: slice bounds out of range [:\(length)]") }
        var end = text.startIndex
        var size = 0
        while end < text.endIndex {
            size += text[end].utf8.count
            guard size <= length else { break }
            end = text.index(after: end)
        }
        return String(text[..<end])
    }

    // MARK: Collections

    private static func length(_ value: JSONValue) throws(Failure) -> Int64 {
        switch value {
        case .string(let text): return Int64(text.utf8.count)
        case .array(let elements): return Int64(elements.count)
        case .object(let object) where object.kind == .map || object.kind == .texts: return Int64(object.entries.count)
        case .null(.list), .null(.map): return 0
        case .null(.pointer), .null(.value): throw Failure("len of nil pointer")
        default: throw Failure("len of type \(GoText.typeName(value))")
        }
    }

    private static func index(_ values: [JSONValue]) throws(Failure) -> JSONValue {
        var value = values[0]
        for key in values.dropFirst() {
            switch (value, key) {
            case (.null(.value), _), (.null(.pointer), _): throw Failure("index of untyped nil")
            case (.null(.map), .string): value = .null(.value)
            case (.null(.list), .integer(let place)): throw Failure("index out of range: \(place)")
            case (.array(let elements), .integer(let place)):
                guard elements.indices.contains(Int(place)) else { throw Failure("index out of range: \(place)") }
                value = elements[Int(place)]
            case (.string(let text), .integer(let place)):
                guard place >= 0, place < text.utf8.count else { throw Failure("index out of range: \(place)") }
                value = .integer(Int64(Array(text.utf8)[Int(place)]))
            case (.object(let object), .string(let name)):
                value = object[name] ?? (object.kind == .texts ? "" : .null(.value))
            case (.array, _), (.null(.list), _), (.string, _):
                throw Failure("cannot index slice/array with type \(GoText.typeName(key))")
            case (.object, _), (.null(.map), _):
                throw Failure("value has type \(GoText.typeName(key)); should be string")
            default: throw Failure("can't index item of type \(GoText.typeName(value))")
            }
        }
        return value
    }

    private static func slice(_ values: [JSONValue]) throws(Failure) -> JSONValue {
        guard values.count <= 4 else { throw Failure("too many slice indexes: \(values.count - 1)") }
        let count: Int
        switch values[0] {
        case .string(let text):
            if values.count == 4 { throw Failure("cannot 3-index slice a string") }
            count = text.utf8.count
        case .array(let elements): count = elements.count
        case .null(.list): count = 0
        case .null: throw Failure("slice of untyped nil")
        default: throw Failure("can't slice item of type \(GoText.typeName(values[0]))")
        }
        var bounds = [0, count, count]
        for place in values.indices.dropFirst() {
            guard case .integer(let bound) = values[place] else {
                throw Failure("cannot index slice/array with type \(GoText.typeName(values[place]))")
            }
            guard bound >= 0, bound <= count else { throw Failure("index out of range: \(bound)") }
            bounds[place - 1] = Int(bound)
        }
        guard bounds[0] <= bounds[1] else { throw Failure("invalid slice index: \(bounds[0]) > \(bounds[1])") }
        switch values[0] {
        case .string(let text):
            return .string(String(decoding: Array(text.utf8)[bounds[0]..<bounds[1]], as: UTF8.self))
        case .array(let elements): return .array(Array(elements[bounds[0]..<bounds[1]]))
        default: return values[0]
        }
    }

    // MARK: Comparison

    private static func isEqual(_ values: [JSONValue]) throws(Failure) -> Bool {
        guard values.count > 1 else { throw Failure("missing argument for comparison") }
        for other in values.dropFirst() where try compare(values[0], other) == 0 { return true }
        return false
    }

    private static func order(_ values: [JSONValue]) throws(Failure) -> Int {
        if case .bool = values[0] { throw Failure("invalid type for comparison") }
        if case .null = values[0] { throw Failure("invalid type for comparison") }
        return try compare(values[0], values[1])
    }

    /// Less than, equal to or greater than 0; for values without an order only equality means anything.
    private static func compare(_ left: JSONValue, _ right: JSONValue) throws(Failure) -> Int {
        func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int { left < right ? -1 : left == right ? 0 : 1 }
        switch (left, right) {
        case (.integer(let left), .integer(let right)): return sign(left, right)
        case (.number(let left), .number(let right)): return sign(left, right)
        case (.string(let left), .string(let right)):
            if left.utf8.elementsEqual(right.utf8) { return 0 }
            return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
        case (.bool(let left), .bool(let right)): return left == right ? 0 : 1
        case (.null, .null): return 0
        case (.null, _), (_, .null): return 1
        case (.array, _), (.object, _), (_, .array), (_, .object): throw Failure("invalid type for comparison")
        default: throw Failure("incompatible types for comparison")
        }
    }
}
