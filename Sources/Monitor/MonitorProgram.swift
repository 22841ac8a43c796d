// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// The whole program: one container, or one exec, from its launch description to its exit record.
public enum MonitorProgram {
    /// Runs, and becomes the settle command at the end where there is one. Never returns.
    ///
    /// - SeeAlso: `MonitorPlaces` for the descriptors that it is born with.
    public static func run() -> Never {
        let description: LaunchDescription
        do {
            let file = Descriptor(number: MonitorPlaces.launchDescriptor)
            description = try LaunchDescription(decoding: try file.readToEnd())
        } catch {
            // Whoever starts this program by hand, or as a script's interpreter, ends here.
            complain("dsh-monitor: no launch description: it is started by dsh only\n")
            ChildProcess.exitNow(125)
        }
        let report = Descriptor(number: MonitorPlaces.reportDescriptor)
        let supervisor: Supervisor
        do throws(StartFailure) {
            let started: LaunchReport.Started
            (supervisor, started) = try start(description)
            do throws(SystemError) {
                try say(.started(started), on: report, description)
            } catch {
                // An engine that is gone is told nothing; its container runs, and the next command finds it. One that
                // waits must not take a container that runs for one that failed.
                guard error.number == EPIPE || error.number == ECONNRESET else {
                    throw StartFailure(step: "report", error)
                }
            }
        } catch {
            tell(error, on: report, description)
            ChildProcess.exitNow(125)
        }
        _ = consume report
        do throws(SystemError) {
            try supervisor.run()
        } catch {
            // The loop itself failed: the kernel is out of memory. The program dies with this process.
            ChildProcess.exitNow(125)
        }
        // Whose directory is gone was removed meanwhile, perhaps with the whole root: nothing is left to be settled.
        if !supervisor.isSettlementPromised, let settle = description.settle,
            access(description.directory, F_OK) == 0
        {
            if MonitorStep.becomeSettle.isToSucceed(description) { become(settle) }
        }
        ChildProcess.exitNow(0)
    }

    private static func start(
        _ description: LaunchDescription
    ) throws(StartFailure) -> (Supervisor, LaunchReport.Started) {
        let group: Cgroup
        let equipment: Supervisor.Equipment
        do throws(SystemError) {
            try MonitorStep.prepare.begin(description)
            try prepareProcess(description)
            group = try Cgroup(parent: description.cgroup.parent, name: description.cgroup.name)
            try MonitorStep.equip.begin(description)
            equipment = try Supervisor.Equipment(for: description)
        } catch {
            throw StartFailure(step: "prepare", error)
        }
        let born = try Birth(description, group: group).begin()
        var started = LaunchReport.Started()
        started.startedAt = Clocks.wall
        started.pid = born.process.pid
        started.adjustments = born.adjustments
        started.ports = description.ports
        do throws(SystemError) {
            try MonitorStep.supervise.begin(description)
            // Not reaped yet, it still has its entry, even when it has ended by now.
            started.startTicks = try ProcessHandle.startTicks(of: born.process.pid)
            let supervisor = try Supervisor(
                description, group: group, born: born, at: started.startedAt, with: equipment)
            return (supervisor, started)
        } catch {
            throw StartFailure(step: "supervise", error)
        }
    }

    /// Leaves the session of whoever started it, and closes what it was given by accident.
    private static func prepareProcess(_ description: LaunchDescription) throws(SystemError) {
        try OpenDescriptors.close(from: MonitorPlaces.firstPortDescriptor + CInt(description.ports.count))
        if !Descriptor.isSocket(MonitorPlaces.clientDescriptor) { close(MonitorPlaces.clientDescriptor) }
        try OpenDescriptors.closeOnExecution(from: 3)
        // EPERM: already the leader of a group of its own.
        setsid()
        try attempt("enter /") { chdir("/") }
        umask(0o022)
        // Before anything of a container is near: cf. CVE-2016-9962.
        try Privileges.makeUndumpable()
        for signal in [SIGPIPE, SIGHUP, SIGINT, SIGQUIT] { SignalDispositions.ignore(signal) }
    }

    private static func say(
        _ words: LaunchReport, on report: borrowing Descriptor, _ description: LaunchDescription
    ) throws(SystemError) {
        try MonitorStep.report.begin(description)
        try report.writeAll(words.encoded)
    }

    private static func tell(
        _ failure: StartFailure, on report: borrowing Descriptor, _ description: LaunchDescription
    ) {
        do throws(SystemError) {
            try report.writeAll(LaunchReport.failed(failure).encoded)
        } catch {
            // The engine is gone: the record tells whoever comes next.
            var record = ExitRecord()
            record.ending = .failed(failure)
            record.finishedAt = Clocks.wall
            // Nobody is left who could be told that the record cannot be written.
            try? record.write(
                to: MonitorPlaces(directory: description.directory, runDirectory: description.runDirectory))
        }
    }

    private static func become(_ command: LaunchDescription.Command) {
        // What fails here is settled by the next command.
        try? SignalDispositions.reset()
        let words = CStrings(command.arguments)
        execve(command.path, words.pointers, environ)
    }

    private static func complain(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
