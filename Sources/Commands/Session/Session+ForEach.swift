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
        let failures = await withTaskGroup(of: (Int, (any Error)?).self) { group in
            for (place, name) in names.enumerated() {
                group.addTask {
                    do {
                        for line in try await operation(name) { output.line(line) }
                        return (place, nil)
                    } catch {
                        return (place, error)
                    }
                }
            }
            var failures: [(Int, any Error)] = []
            for await (place, failure) in group {
                if let failure { failures.append((place, failure)) }
            }
            return failures.sorted { $0.0 < $1.0 }.map(\.1)
        }
        if !failures.isEmpty { throw Failures(failures) }
    }
}
