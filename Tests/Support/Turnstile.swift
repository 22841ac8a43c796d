// SPDX-License-Identifier: Apache-2.0

/// Lets so many tests work with an engine at the same time.
///
/// Swift Testing starts every test at once; on two cores, hundreds of containers would make each wait for all, and
/// deadlines would mean nothing.
actor Turnstile {
    static let engines = Turnstile(places: 4)
    /// Whether this task has passed already: a test with two engines takes one place.
    @TaskLocal static var isInside = false

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { free = places }

    private func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }

    /// Runs `body` once there is a place.
    nonisolated func pass<Result>(_ body: () async throws -> Result) async throws -> Result {
        if Self.isInside { return try await body() }
        await enter()
        do {
            let result = try await Self.$isInside.withValue(true) { try await body() }
            await leave()
            return result
        } catch {
            await leave()
            throw error
        }
    }
}
