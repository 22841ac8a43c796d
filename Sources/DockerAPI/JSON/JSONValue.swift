// SPDX-License-Identifier: Apache-2.0

/// A JSON document whose objects keep their order, with what Go's templates must know about the Go values behind it.
public indirect enum JSONValue: Hashable, Sendable {
    /// Nothing; JSON's `null`.
    case null(Absence)
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A number with a fraction.
    case number(Double)
    /// Text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Names with values.
    case object(JSONObject)

    /// How Go shows a value that is not there: `{{.X}}` prints one of these words.
    public enum Absence: String, Hashable, Sendable {
        /// No value at all.
        case value = "<no value>"
        /// A nil pointer.
        case pointer = "<nil>"
        /// A nil slice: empty to `range` and `len`.
        case list = "[]"
        /// A nil map: empty to `range` and `len`.
        case map = "map[]"
    }

    /// A list of texts; `nil` is a nil slice.
    public static func strings(_ texts: [String]?) -> JSONValue {
        texts.map { .array($0.map(JSONValue.string)) } ?? .null(.list)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral text: String) { self = .string(text) }

    public init(booleanLiteral value: Bool) { self = .bool(value) }

    public init(integerLiteral number: Int64) { self = .integer(number) }
}

/// Names with values, in order.
public struct JSONObject: Hashable, Sendable {
    /// What the object is in Go, which decides what a template does with a name that is not there.
    public enum Kind: Hashable, Sendable {
        /// A struct that `inspect` shows; a name that is not there is an error.
        case fields
        /// A row of a list, named by its Go type for error messages; `json` writes its names sorted, as Docker does.
        case row(String)
        /// `map[string]string`: `index` gives "" for a key that is not there.
        case texts
        /// Any other map: a key that is not there has no value.
        case map
    }

    /// A name with its value.
    public struct Entry: Hashable, Sendable {
        /// The name in JSON.
        public let key: String
        /// The value.
        public let value: JSONValue
        /// The name of the field in Go where it is another one: `ID` for `Id`.
        public let field: String?
    }

    /// What it is in Go.
    public let kind: Kind
    /// In the order in which they are written.
    public private(set) var entries: [Entry]
    /// Maps that a template reaches by a method: `.Label "name"`. Not part of the document.
    public var lookups: [String: JSONObject] = [:]

    /// An object without names.
    public init(_ kind: Kind = .map) {
        self.kind = kind
        entries = []
    }

    /// Texts under sorted names.
    public init(texts: [String: String]) {
        self.init(.texts)
        for (key, value) in texts.sorted(by: { $0.key < $1.key }) { self[key] = .string(value) }
    }

    /// The value of a name of JSON. Setting `nil` changes nothing.
    public subscript(key: String) -> JSONValue? {
        get { entries.first { $0.key == key }?.value }
        set { if let newValue { set(key, newValue) } }
    }

    /// Sets a value that Go's templates also know under the name of its field.
    public mutating func set(_ key: String, field: String? = nil, _ value: JSONValue) {
        let entry = Entry(key: key, value: value, field: field)
        if let place = entries.firstIndex(where: { $0.key == key }) {
            entries[place] = entry
        } else {
            entries.append(entry)
        }
    }

    /// The value that `.name` means in a template.
    func value(ofField name: String) -> JSONValue? {
        // Docker's inspect tries the struct's fields first and the document's names then, so both are known.
        entries.first { ($0.field ?? $0.key) == name }?.value ?? self[name]
    }

    /// Entries as Go visits them: a map's by key, a struct's as declared.
    var visited: [Entry] {
        switch kind {
        case .fields: entries
        case .row, .texts, .map: entries.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
        }
    }
}
