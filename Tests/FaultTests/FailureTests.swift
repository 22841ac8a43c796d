// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine
@testable import Monitor

/// Each step of every operation fails: one line says which and why, the status is Docker's, and nothing is half done.
struct FailureTests {
    struct Row: Sendable, CustomStringConvertible {
        let operation: FaultOperation
        let place: FaultOperation.Place
        let step: String
        let reason: String
        var description: String { "\(operation), \(step) fails with \(reason)" }
    }

    /// Steps of whose failure nobody need be told: what they would have done is made good by whoever comes next.
    private static let harmless: Set<String> = Set(
        [MonitorStep.removeCgroup, .writeExitRecord, .tellClients, .becomeSettle].map(\.name))

    private static let sentences = ["EIO": "Input/output error", "ENOMEM": "Cannot allocate memory"]

    /// Every step with the one, and with the other those that no other operation has before it.
    private static let arguments: [(FaultOperation, String)] =
        FaultOperation.all.map { ($0, "EIO") }
        + [FaultOperation.run, .runMissingProgram, .stop, .kill, .remove, .exec, .execDetached, .save, .load].map {
            ($0, "ENOMEM")
        }

    @Test(arguments: arguments)
    func `failing at each step`(operation: FaultOperation, reason: String) async throws {
        let rows = FaultGround.drawn(
            operation.steps.map { Row(operation: operation, place: $0.place, step: $0.name, reason: reason) })
        try await FaultGround.each(rows) { row, ground in
            let fault = "\(row.step):\(row.reason)"
            let isEarlier = row.place == .earlierMonitor
            try await row.operation.prepare(ground.dsh(with: isEarlier ? fault : nil))
            let result = try await ground.dsh(with: isEarlier ? nil : fault).program(row.operation.words).run()
            Self.judge(result, row)
            try await row.operation.putRight(ground.dsh)
            try await ground.expectConsistent(row, comparingStore: !row.operation.changesStore)
            ground.removeFiles()
        }
    }

    private static func judge(_ result: ProgramResult, _ row: Row) {
        if harmless.contains(row.step) || row.operation.isFailing {
            // The program's own end is told, or the start's own failure.
            #expect(result.status == (row.operation.isFailing ? row.operation.failure : 0), "\(row): \(result.status)")
            #expect(result.sentences == (row.operation.isFailing ? 1 : 0), "\(row): \(result.errorText)")
            return
        }
        #expect(result.status == row.operation.failure, "\(row): status \(result.status)")
        #expect(result.sentences == 1, "\(row): \(result.errorText)")
        let sentence = sentences[row.reason] ?? ""
        #expect(result.errorText.contains(row.step) || row.place != .dsh, "\(row): \(result.errorText)")
        #expect(result.errorText.contains(sentence), "\(row): \(result.errorText)")
    }
}
