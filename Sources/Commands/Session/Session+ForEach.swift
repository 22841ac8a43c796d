// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal

/// Several things went wrong, each of which is reported.
struct Failures: Error {
    let all: [any Error]

    init(_ all: [any Error]) { self.all = all }
}

extension Session {
    /// Does the same to many containers at once, prints each name as it succeeds, and reports every failure before it
    /// fails itself: the one place where `stop a b c`, `rm a b c` and their like fan out.
    ///
    /// Failures come in the order of the names, whichever failed first.
    func forEach(
        _ names: [ContainerName], _ operation: @Sendable @escaping (ContainerName) async throws -> Void
    ) async throws {
        try await forEach(names) { name in
            try await operation(name)
            return [name.text]
        }
    }

    /// The same for anything that is named, with the lines to print.
    func forEach<Name: Sendable>(
        _ names: [Name], lines operation: @Sendable @escaping (Name) async throws -> [String]
    ) async throws {
        try await together(names, operation) { _, lines in for line in lines { output.line(line) } }
    }

    /// The same for lines that do not say whose they are: they come in the order of the names.
    func forEachInOrder<Name: Sendable>(
        _ names: [Name], lines operation: @Sendable @escaping (Name) async throws -> [String]
    ) async throws {
        var waiting: [Int: [String]] = [:]
        var next = 0
        try await together(names, operation) { place, lines in
            waiting[place] = lines
            while let lines = waiting.removeValue(forKey: next) {
                for line in lines { output.line(line) }
                next += 1
            }
        }
    }

    /// Runs all at once and hands over what each has to print, nothing for one that failed, as soon as it has it.
    private func together<Name: Sendable>(
        _ names: [Name], _ operation: @Sendable @escaping (Name) async throws -> [String],
        print: (_ place: Int, _ lines: [String]) -> Void
    ) async throws {
        var failures: [(Int, any Error)] = []
        await withTaskGroup(of: (Int, Result<[String], any Error>).self) { group in
            for (place, name) in names.enumerated() {
                group.addTask {
                    do {
                        return (place, .success(try await operation(name)))
                    } catch {
                        return (place, .failure(error))
                    }
                }
            }
            for await (place, result) in group {
                switch result {
                case .success(let lines): print(place, lines)
                case .failure(let failure):
                    failures.append((place, failure))
                    print(place, [])
                }
            }
        }
        if !failures.isEmpty { throw Failures(failures.sorted { $0.0 < $1.0 }.map(\.1)) }
    }
}
