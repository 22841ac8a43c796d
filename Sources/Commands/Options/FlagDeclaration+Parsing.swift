// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine

// A property says `@Option(.publish, …)`: name, help and completion are the declaration's. ArgumentParser sees long names
// only, since every other spelling was rewritten before.

extension Option {
    /// The last value that was given, if any.
    init<T>(_ flag: FlagDeclaration, transform: @Sendable @escaping (String) throws -> T) where Value == T? {
        self.init(name: .customLong(flag.long), parsing: .unconditional, transform: flag.explaining(transform))
    }

    /// The last value that was given, or the default.
    init(wrappedValue: Value, _ flag: FlagDeclaration, transform: @Sendable @escaping (String) throws -> Value) {
        self.init(
            wrappedValue: wrappedValue, name: .customLong(flag.long), parsing: .unconditional,
            transform: flag.explaining(transform))
    }

    /// Every value, in the order given.
    init<T>(wrappedValue: [T], _ flag: FlagDeclaration, transform: @Sendable @escaping (String) throws -> T)
    where Value == [T] {
        self.init(
            wrappedValue: wrappedValue, name: .customLong(flag.long), parsing: .unconditionalSingleValue,
            transform: flag.explaining(transform))
    }

    /// The last text that was given, if any.
    init(_ flag: FlagDeclaration) where Value == String? { self.init(flag) { $0 } }

    /// Every text, in the order given.
    init(wrappedValue: [String], _ flag: FlagDeclaration) where Value == [String] {
        self.init(wrappedValue: wrappedValue, flag) { $0 }
    }

    /// A flag that is on unless `=false` is said.
    init(wrappedValue: Bool, _ flag: FlagDeclaration) where Value == Bool {
        self.init(wrappedValue: wrappedValue, flag) { $0 == "true" }
    }
}

extension Flag where Value == Bool {
    /// A flag without a value.
    init(wrappedValue: Bool, _ flag: FlagDeclaration) {
        self.init(wrappedValue: wrappedValue, name: .customLong(flag.long))
    }
}

extension FlagDeclaration {
    /// The transform with its reasons in Docker's sentence: `invalid argument "x" for "-p, --publish" flag: …`.
    func explaining<T>(
        _ transform: @Sendable @escaping (String) throws -> T
    ) -> @Sendable (String) throws -> T {
        { text in
            do {
                return try transform(text)
            } catch let error as UsageError {
                throw error
            } catch let error as Malformed {
                var refusal = UsageError.invalidValue(text, for: self, error.text == text ? error.reason : "\(error)")
                refusal.isTheEngines = Self.unreadByClient.contains(long)
                throw refusal
            }
        }
    }
}

extension FlagDeclaration {
    /// Flags whose values Docker's client hands on as they are.
    private static let unreadByClient = ["detach-keys", "network"]
}

/// Transforms of numbers, with the reasons of Go's strconv.
enum Number {
    /// A decimal integer.
    static func integer(_ text: String) throws(Malformed) -> Int {
        guard let number = Int(text) else {
            throw Malformed(text, "strconv.ParseInt: parsing \"\(text)\": invalid syntax")
        }
        return number
    }

    /// Seconds; negative ones wait for ever.
    static func seconds(_ text: String) throws(Malformed) -> Duration { .seconds(try integer(text)) }

    /// Processors as thousandths of one: `1.5` is 1500.
    static func milliCPUs(_ text: String) throws(Malformed) -> Int64 {
        guard text.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 46 }), let number = Double(text) else {
            throw Malformed(text, "failed to parse \(text) as a rational number")
        }
        guard number < 1_000_000 else { throw Malformed(text, "this machine has fewer processors") }
        return Int64((number * 1000).rounded())
    }
}
