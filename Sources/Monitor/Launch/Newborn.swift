// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

/// A program that has just been started, with the monitor's ends of its streams.
struct Newborn: ~Copyable {
    let process: ProcessHandle
    /// What happened to settings, in the order in which it did.
    let adjustments: [Adjustment]
    let streams: Streams

    /// The monitor's ends. The caller takes each out once.
    final class Streams {
        var input: CInt?
        var output: CInt?
        var errorOutput: CInt?
        /// A terminal's leading end; then the three above are not there.
        var terminal: CInt?
    }
}

/// The monitor's half of a launch: what is made outside, while the launched process works inside.
struct Birth: ~Copyable {
    private let description: LaunchDescription
    private let group: Cgroup
    private let streams = Newborn.Streams()
    private var adjustments: [Adjustment] = []

    init(_ description: LaunchDescription, group: Cgroup) {
        self.description = description
        self.group = group
    }

    /// Starts the program. After a failure nothing of it is left.
    consuming func begin() throws(StartFailure) -> Newborn {
        let process: ProcessHandle
        do throws(StartFailure) {
            if description.kind == .container { try makeGroup() }
            process = try launch()
        } catch {
            // What cannot be removed now is empty and found by `system check`.
            if description.kind == .container { try? group.remove() }
            throw error
        }
        return Newborn(process: process, adjustments: adjustments, streams: streams)
    }

    private mutating func makeGroup() throws(StartFailure) {
        do throws(SystemError) {
            try MonitorStep.makeCgroup.begin(description)
            adjustments += try CgroupSetup(group, description.cgroup).adjustments
        } catch {
            throw StartFailure(step: "makeCgroup", error)
        }
    }

    private mutating func launch() throws(StartFailure) -> ProcessHandle {
        let control: LaunchControl
        let process: ProcessHandle
        do throws(SystemError) {
            let channel = try SocketPair(keepingBoundaries: true)
            try MonitorStep.openPipes.begin(description)
            let theirs = try openPipes()
            if description.kind == .exec { try MonitorStep.enterTarget.begin(description) }
            let target = try enterTarget()
            let unified = try group.openUnified()
            let directory: CInt?
            switch unified {
            case .some(let descriptor): directory = descriptor.number
            case .none: directory = nil
            }
            try MonitorStep.clone.begin(description)
            guard let child = try ChildProcess.clone(into: namespaces, cgroup: directory) else {
                Launch(
                    description, channel: LaunchChannel(channel.keepOther()), streams: theirs.numbers, target: target,
                    group: group
                ).perform()
            }
            control = LaunchControl(channel.keepOne())
            process = child
        } catch {
            throw StartFailure(step: "clone", error)
        }
        do throws(StartFailure) {
            try complete(process, control)
        } catch {
            end(process)
            // What the process itself met comes first: once it is gone, what is done from outside fails too.
            throw Self.lastWords(control) ?? error
        }
        return process
    }

    private var namespaces: Namespaces {
        guard description.kind == .container else { return [] }
        var kinds: Namespaces = .mount
        if !description.shared.pid { kinds.insert(.pid) }
        if !description.shared.ipc { kinds.insert(.ipc) }
        if !description.shared.uts { kinds.insert(.uts) }
        if description.network != .host { kinds.insert(.network) }
        return kinds
    }

    /// Finds the container that an exec enters, whose pid namespace the child is then born in.
    private func enterTarget() throws(SystemError) -> ProcessHandle? {
        guard description.kind == .exec else { return nil }
        guard let target = description.target else { throw SystemError(step: "find the container", number: EINVAL) }
        let process = try ProcessHandle(pid: target.pid, startTicks: target.startTicks)
        try Namespaces.enter(.pid, of: process)
        return process
    }

    /// The program's ends, closed here once the child has its own.
    private final class TheirEnds {
        var numbers = Launch.Streams()
        deinit {
            for case let number? in [numbers.input, numbers.output, numbers.errorOutput] { close(number) }
        }
    }

    private func openPipes() throws(SystemError) -> TheirEnds {
        let theirs = TheirEnds()
        if description.process.hasTerminal { return theirs }
        if description.process.keepsInputOpen {
            let input = try Pipe(size: Self.pipeSize).release()
            (theirs.numbers.input, streams.input) = (input.reading, input.writing)
        }
        let output = try Pipe(size: Self.pipeSize).release()
        (streams.output, theirs.numbers.output) = (output.reading, output.writing)
        let errorOutput = try Pipe().release()
        (streams.errorOutput, theirs.numbers.errorOutput) = (errorOutput.reading, errorOutput.writing)
        return theirs
    }

    /// Larger than the kernel's 64 KiB: a program that writes much is interrupted less.
    private static let pipeSize = 256 << 10

    /// Does what has to be done from outside, lets the child go on, and listens until it is the program.
    private mutating func complete(
        _ process: borrowing ProcessHandle, _ control: borrowing LaunchControl
    ) throws(StartFailure) {
        do throws(SystemError) {
            // What this process becomes at the end, the settle command, has threads.
            if description.kind == .exec {
                try MonitorStep.leaveEnteredProcesses.begin(description)
                try Namespaces.leaveEnteredProcesses()
            }
        } catch {
            throw StartFailure(step: "leaveEnteredProcesses", error)
        }
        do throws(SystemError) {
            try MonitorStep.joinCgroup.begin(description)
            try group.add(process.pid, isInUnified: true)
        } catch {
            throw StartFailure(step: "joinCgroup", error)
        }
        if case .end(let end) = description.network, description.kind == .container {
            do throws(SystemError) {
                try MonitorStep.connectNetwork.begin(description)
                try end.connect(toNamespace: Descriptor(opening: "/proc/\(process.pid)/ns/net", O_RDONLY))
            } catch {
                throw StartFailure(step: "connectNetwork", error)
            }
        }
        do throws(SystemError) {
            try MonitorStep.release.begin(description)
            try control.release()
        } catch {
            // The child has already failed, and says why below.
            if error.number != EPIPE && error.number != ECONNRESET { throw StartFailure(step: "release", error) }
        }
        try listen(control)
    }

    /// Why the process failed, where it has said so and nobody has heard it yet. It is dead, so this does not wait.
    private static func lastWords(_ control: borrowing LaunchControl) -> StartFailure? {
        do throws(SystemError) {
            while let message = try control.next() { if case .failure(let failure) = message { return failure } }
        } catch {
            // Then the failure from outside is all that is known.
        }
        return nil
    }

    private mutating func listen(_ control: borrowing LaunchControl) throws(StartFailure) {
        var isAboutToExecute = false
        do {
            try MonitorStep.listen.begin(description)
            while let message = try control.next() {
                switch message {
                case .adjustment(let adjustment): adjustments.append(adjustment)
                case .terminal(let number): streams.terminal = number
                case .aboutToExecute: isAboutToExecute = true
                case .failure(let failure): throw failure
                case .fault: try Fault(description.fault)?.happen()
                }
            }
        } catch let failure as StartFailure {
            throw failure
        } catch let error as SystemError {
            throw StartFailure(step: "listen", error)
        } catch {
            throw StartFailure(step: "listen", SystemError(step: "\(error)", number: EIO))
        }
        if !isAboutToExecute {
            throw StartFailure(step: "listen", SystemError(step: "launch of the program ended early", number: ECHILD))
        }
    }

    /// Ends a child that did not become the program, and reaps it.
    private func end(_ process: borrowing ProcessHandle) {
        // Already gone: then there is only reaping to do.
        try? process.signal(SIGKILL)
        while waitpid(process.pid, nil, 0) < 0, errno == EINTR {}
        for case let number? in [streams.input, streams.output, streams.errorOutput, streams.terminal] {
            close(number)
        }
    }
}
