// SPDX-License-Identifier: Apache-2.0

import Linux
import MonitorProtocol

/// The monitor's own steps, in the order in which they happen; what the launched process does meanwhile are `LaunchStep`s.
enum MonitorStep: FaultPoint {
    static let operation = "monitor"
    case prepare, equip, makeCgroup, openPipes
    /// Of an exec only.
    case enterTarget
    case clone
    /// Of an exec only.
    case leaveEnteredProcesses
    case joinCgroup, connectNetwork, release, listen, supervise
    /// The program runs.
    case report
    /// The program has ended and its output is out.
    case removeCgroup, writeExitRecord, tellClients
    /// Where nobody else settles.
    case becomeSettle

    /// To be called before the step.
    ///
    /// - Throws: what a test asks for.
    func begin(_ description: LaunchDescription) throws(SystemError) {
        if description.fault.isEmpty { return }
        try Fault(description.fault)?.meet(self)
    }

    /// The same before a step of whose failure nobody can be told: false where it is to fail.
    func isToSucceed(_ description: LaunchDescription) -> Bool {
        do throws(SystemError) { try begin(description) } catch { return false }
        return true
    }
}
