// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine
@testable import Monitor

/// SIGKILL of dsh and of a supervisor at each step of every operation: whatever comes next is consistent, and nothing leaks.
struct KillTests {
    /// Who dies, at which step of which operation.
    struct Row: Sendable, CustomStringConvertible {
        enum Victim: String, Sendable { case dsh, monitor }

        let operation: FaultOperation
        let place: FaultOperation.Place
        let step: String
        let victim: Victim
        /// Once the end is told, the supervisor goes in its own time.
        var mayBeAlone: Bool {
            SettleStep.names().contains(step) || [ExecStep.removeDirectory.name, StopStep.awaitEnd.name].contains(step)
        }
        var description: String { "\(operation) at \(step), \(victim.rawValue) killed" }
    }

    /// Steps of dsh's at which there is a supervisor.
    private static let hasMonitor: Set<String> = Set(
        [MonitorStartStep.describe.name, MonitorStartStep.hear.name, ExecStep.handOver.name]
            + [StartStep.noteStart, .handOver].map(\.name) + SettleStep.names() + StopStep.names())

    private static let rows = FaultOperation.all.flatMap { operation in
        operation.steps.flatMap { place, step in
            let victims: [Row.Victim] =
                switch place {
                // While the program is being launched, dsh waits for the supervisor: monitor.listen is that row.
                case .launch: [.monitor]
                case .dsh: hasMonitor.contains(step) ? [.dsh, .monitor] : [.dsh]
                case .monitor, .earlierMonitor: [.dsh, .monitor]
                }
            return victims.map { Row(operation: operation, place: place, step: step, victim: $0) }
        }
    }

    @Test func `every step is tried`() {
        let tried = Set(FaultOperation.all.flatMap { $0.steps.map(\.name) })
        let all =
            MakeStep.names() + StartStep.names() + MonitorStartStep.names() + UndoStep.names() + SettleStep.names()
            + StopStep.names() + RemoveStep.names() + ExecStep.names() + LoadStep.names() + SaveStep.names()
            + MonitorStep.names() + LaunchStep.names()
        #expect(Set(all).subtracting(tried) == [])
    }

    @Test(arguments: FaultOperation.all)
    func `killed at each step`(operation: FaultOperation) async throws {
        let rows = FaultGround.drawn(Self.rows.filter { $0.operation.description == operation.description })
        let begin = ContinuousClock.now
        defer { print("\(operation): \(rows.count) rows in \(ContinuousClock.now - begin)") }
        try await FaultGround.each(rows) { row, ground in
            let isMonitors = row.place == .monitor || row.place == .earlierMonitor
            // Whoever goes through the step asks for its own death; for the other's it stops there meanwhile.
            let diesItself = row.place == .launch || isMonitors == (row.victim == .monitor)
            let fault = "\(row.step):\(diesItself ? "kill" : "stop")"
            let isEarlier = row.place == .earlierMonitor
            try await row.operation.prepare(ground.dsh(with: isEarlier ? fault : nil))
            let dsh = ground.dsh(with: isEarlier ? nil : fault)
            let running = try dsh.program(row.operation.words).start(on: .pipes)
            defer { running.end() }
            running.closeInput()
            if !diesItself { try await Self.kill(row, running, ground) }
            let result = try await running.waitForEnd()
            Self.judge(result, row)
            if !row.operation.leavesRunning {
                try await until("\(row): the container ends") { ground.isQuiet }
            }
            try await row.operation.putRight(ground.dsh)
            try await ground.expectConsistent(row, comparingStore: !row.operation.changesStore)
            ground.removeFiles()
        }
    }

    /// Waits until one process has stopped at the step, kills the other and lets the first go on.
    private static func kill(_ row: Row, _ running: RunningProgram, _ ground: FaultGround) async throws {
        switch row.victim {
        case .monitor:
            try await stopped(row, running) { FaultGround.isStopped(running.processID) ? running.processID : nil }
            let isExec = row.operation.words.first == "exec"
            var monitors: [Int32] = []
            try await until("\(row): there is no supervisor") {
                monitors = ground.monitors.filter { !isExec || !ground.containerMonitors.contains($0) }
                return row.mayBeAlone || !monitors.isEmpty
            }
            let victims = Set(monitors)
            for monitor in victims { Glibc.kill(monitor, SIGKILL) }
            try await until("the supervisor of \(row) is dead") {
                ground.monitors.allSatisfy { !victims.contains($0) }
            }
            running.signal(SIGCONT)
        case .dsh:
            var monitor: Int32 = 0
            try await stopped(row, running) {
                ground.monitors.first(where: FaultGround.isStopped).map {
                    monitor = $0
                    return $0
                }
            }
            running.signal(SIGKILL)
            _ = try await running.waitForEnd()
            Glibc.kill(monitor, SIGCONT)
        }
    }

    private static func stopped(
        _ row: Row, _ running: RunningProgram, _ find: () -> Int32?
    ) async throws {
        try await until("\(row): nobody came to the step") { find() != nil }
    }

    private static let atEnd = [MonitorStep.removeCgroup, .writeExitRecord, .tellClients, .becomeSettle].map(\.name)

    private static func judge(_ result: ProgramResult, _ row: Row) {
        if row.victim == .dsh {
            // With `-d` dsh is over when the program begins.
            let isOver = row.operation.words.contains("-d") && atEnd.contains(row.step) && result.status == 0
            #expect(result.status == 128 + SIGKILL || isOver, "\(row): \(result.status) \(result.errorText)")
        } else if result.status == 0 {
            #expect(result.errorText.isEmpty, "\(row): \(result.errorText)")
        } else {
            let statuses = [row.operation.failure, 125, 137]
            #expect(statuses.contains(result.status), "\(row): status \(result.status)")
            #expect(result.sentences == 1, "\(row): \(result.errorText)")
        }
    }
}

/// Looks again and again until something holds.
///
/// - Throws: when it does not within half a minute.
func until(_ what: String, _ condition: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    var pause = Duration.milliseconds(2)
    while !condition() {
        guard ContinuousClock.now < deadline else { throw ProgramFailure(description: what) }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(30))
    }
}
