// SPDX-License-Identifier: Apache-2.0
import Linux
import TestSupport

@testable import LocalEngine
@testable import Monitor

/// A command, the steps that it goes through, and what has to be there before.
struct FaultOperation: Sendable, CustomStringConvertible {
    /// Which process goes through a step, and when the fault is asked for.
    enum Place: Sendable {
        /// dsh itself.
        case dsh
        /// The supervisor that the command starts.
        case monitor
        /// The process that becomes the program.
        case launch
        /// The supervisor of a container that was started before.
        case earlierMonitor
    }

    let description: String
    let words: [String]
    /// The status that Docker has for a failure of the engine's.
    var failure: Int32 = 1
    var steps: [(place: Place, name: String)] = []
    /// `dsh` is asked for the fault only where an earlier supervisor is meant.
    var prepare: @Sendable (DshProgram) async throws -> Void = { _ in }
    /// What brings back that the next row needs, whether it went wrong or not: the same command, which must work now.
    var putRight: @Sendable (DshProgram) async throws -> Void = { _ in }
    /// Whether the images are loaded anew.
    var changesStore = false
    /// Whether a container that is up before may be up afterwards; otherwise it ends by itself.
    var leavesRunning = false
    /// Whether it fails even without a fault.
    var isFailing = false

    func with(_ place: Place, _ names: [String]) -> FaultOperation {
        var copy = self
        copy.steps += names.map { (place, $0) }
        return copy
    }
}

extension FaultPoint {
    /// All steps but some.
    static func names(without left: [Self] = []) -> [String] where Self: Equatable {
        allCases.filter { !left.contains($0) }.map(\.name)
    }
}

extension FaultOperation {
    /// Everything whose steps are tried; `every step is tried` keeps it complete.
    static let all = [
        run, runAndRemove, runDetached, runMissingProgram, runMissingProgramAndRemove, start, stop, kill, remove,
        removeByForce, exec, execDetached, save, load,
    ]

    private static let execOnly: [MonitorStep] = [.enterTarget, .leaveEnteredProcesses]
    private static let atEnd: [MonitorStep] = [.removeCgroup, .writeExitRecord, .tellClients]
    private static let published = ["-p", "80", "--name", "c", "starter"]

    static let run = FaultOperation(description: "run", words: ["run", "-i"] + published + ["cat"], failure: 125)
        .with(.dsh, MakeStep.names() + StartStep.names(without: [.writeRow]) + MonitorStartStep.names())
        .with(.dsh, SettleStep.names(without: [.removeDirectory]))
        .with(.monitor, MonitorStep.names(without: execOnly + [.becomeSettle]))
        .with(.launch, LaunchStep.names())

    static let runAndRemove = FaultOperation(
        description: "run --rm", words: ["run", "-i", "--rm"] + published + ["cat"], failure: 125
    ).with(.dsh, [MakeStep.insertRow.name, StartStep.prepareNetwork.name, StartStep.noteStart.name])
        .with(.dsh, SettleStep.names())

    /// Nobody watches the end.
    static let runDetached = FaultOperation(
        description: "run -d", words: ["run", "-d"] + published + ["true"], failure: 125
    ).with(.monitor, MonitorStep.names(without: execOnly))

    static let runMissingProgram = FaultOperation(
        description: "run of what is not there", words: ["run"] + published + ["/nowhere"], failure: 127,
        isFailing: true
    ).with(.dsh, UndoStep.names(without: [.removeDirectory]))

    static let runMissingProgramAndRemove = FaultOperation(
        description: "run --rm of what is not there", words: ["run", "--rm"] + published + ["/nowhere"], failure: 127,
        isFailing: true
    ).with(.dsh, UndoStep.names())

    static let start = FaultOperation(
        description: "start", words: ["start", "-ai", "c"],
        prepare: { try await $0.succeed("create", "-i", "-p", "80", "--name", "c", "starter", "cat") }
    ).with(.dsh, StartStep.names() + MonitorStartStep.names() + SettleStep.names(without: [.removeDirectory]))
        .with(.monitor, MonitorStep.names(without: execOnly + [.becomeSettle]))

    static let stop = FaultOperation(
        description: "stop", words: ["stop", "c"],
        prepare: {
            let script = "trap 'exit 3' TERM; echo up; sleep 600 & wait"
            try await $0.program(["run", "-d"] + published + ["sh", "-c", script]).succeed()
            // The trap stands once it has spoken.
            try await $0.program(["logs", "-f", "c"]).whileRunning { try await $0.waitForOutput("up") }
        }, leavesRunning: true
    ).with(.dsh, StopStep.names(without: [.sendKill]) + SettleStep.names(without: [.removeDirectory]))
        .with(.earlierMonitor, atEnd.map(\.name))

    static let kill = FaultOperation(
        description: "stop -t 0", words: ["stop", "-t", "0", "c"],
        prepare: { try await $0.program(["run", "-d"] + published + ["sleep", "600"]).succeed() },
        leavesRunning: true
    ).with(.dsh, StopStep.names(without: [.sendSignal, .awaitEnd]))

    static let remove = FaultOperation(
        description: "rm", words: ["rm", "c"],
        prepare: { try await $0.program(["create"] + published + ["true"]).succeed() }
    ).with(.dsh, RemoveStep.names())

    static let removeByForce = FaultOperation(
        description: "rm -f", words: ["rm", "-f", "c"], prepare: kill.prepare, leavesRunning: true
    ).with(.dsh, [StopStep.connect.name, StopStep.sendKill.name] + SettleStep.names(without: [.removeDirectory]))
        .with(.dsh, RemoveStep.names())
        .with(.earlierMonitor, atEnd.map(\.name))

    static let exec = FaultOperation(
        description: "exec", words: ["exec", "-i", "c", "cat"], prepare: kill.prepare, leavesRunning: true
    ).with(.dsh, ExecStep.names() + MonitorStartStep.names())
        .with(
            .monitor,
            MonitorStep.names(without: [.makeCgroup, .connectNetwork, .becomeSettle])
        )
        .with(.launch, LaunchStep.allCases.filter(\.belongsToExec).map(\.name))

    static let execDetached = FaultOperation(
        description: "exec -d", words: ["exec", "-d", "c", "true"], prepare: kill.prepare, leavesRunning: true
    ).with(.monitor, [MonitorStep.report.name, MonitorStep.tellClients.name, MonitorStep.becomeSettle.name])

    static let save = FaultOperation(description: "save", words: ["save", "-o", "saved.tar", "starter", "hello"])
        .with(.dsh, SaveStep.names())

    /// Everything is loaded again, so that each layer is unpacked and published.
    static let load = FaultOperation(
        description: "load", words: ["load", "-q", "-i", "images.tar"],
        prepare: {
            try await $0.succeed("save", "-o", "images.tar", "starter", "hello")
            try await $0.succeed("rmi", "-f", "starter", "hello")
        },
        putRight: { try await $0.succeed("load", "-q", "-i", "images.tar") }, changesStore: true
    ).with(.dsh, LoadStep.names())
}

extension ProgramResult {
    /// How many times something is said on standard error; a hint, indented, belongs to what is above it.
    var sentences: Int { errorLines.count { !$0.hasPrefix(" ") } }
}
