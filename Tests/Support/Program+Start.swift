// SPDX-License-Identifier: Apache-2.0
import CTestSupport
import Glibc
import Synchronization

/// The test's ends of a program's streams.
struct ProgramStreams: Sendable {
    /// Where its standard input is written; on a terminal the same descriptor as `outputs[0]`.
    let input: CInt?
    /// Standard output and standard error, or the one terminal.
    let outputs: [CInt]
    /// Its status arrives here when it ends, as four bytes.
    let death: CInt
    let isTerminal: Bool
}

extension Program {
    /// Starts the program in a session (terminal) or process group (pipes) of its own.
    public func start(on connection: ProgramConnection) throws -> RunningProgram {
        let ends: Ends
        switch connection {
        case .pipes: ends = try .pipes()
        case .terminal(let rows, let columns): ends = try .terminal(rows: rows, columns: columns)
        }
        let processID: pid_t
        do { processID = try spawn(ends) } catch {
            for descriptor in Set(ends.theirs + ends.ours) { close(descriptor) }
            throw error
        }
        for descriptor in Set(ends.theirs) { close(descriptor) }
        let death = try pipeEnds()
        let streams = ProgramStreams(
            input: ends.input, outputs: ends.outputs, death: death.read, isTerminal: ends.terminalPath != nil)
        let running = try RunningProgram(processID: processID, streams: streams, commandLine: commandLine)
        onOwnThread { running.reap(into: death.write) }
        onOwnThread { running.pump() }
        return running
    }

    private func spawn(_ ends: Ends) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let terminal = ends.terminalPath {
            // A session leader that opens a terminal gets it as its controlling terminal (tty_ioctl(4)).
            posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        } else {
            for (number, descriptor) in ends.theirs.enumerated() {
                posix_spawn_file_actions_adddup2(&actions, descriptor, CInt(number))
            }
        }
        // Another thread of the test process may have opened something without close-on-exec.
        ctest_spawn_closes_from(&actions, 3)
        if let directory { ctest_spawn_starts_in(&actions, directory) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let group = ends.terminalPath == nil ? Int16(POSIX_SPAWN_SETPGROUP) : ctest_spawn_setsid
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | group)

        var argv = ([path] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in argv + envp { free(word) } }
        var processID: pid_t = 0
        let failure = posix_spawn(&processID, path, &actions, &attributes, &argv, &envp)
        guard failure == 0 else {
            throw ProgramFailure(description: "\(commandLine): \(String(cString: strerror(failure)))")
        }
        return processID
    }
}

extension RunningProgram {
    /// Waits for the process and passes its status on; runs on a thread of its own.
    func reap(into death: CInt) {
        // Seen first, waited for second: in between, `signal` may still use the number safely.
        var seen = siginfo_t()
        while waitid(P_PID, id_t(processID), &seen, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        var raw: CInt = 0
        state.withLock { state in
            while waitpid(processID, &raw, 0) < 0, errno == EINTR {}
            state.isReaped = true
        }
        var status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + raw & 0x7f
        _ = write(death, &status, MemoryLayout<Int32>.size)  // the pump may be gone, and with it the reader
        close(death)
    }
}

/// Both ends of every stream.
private struct Ends {
    var theirs: [CInt] = []
    var input: CInt?
    var outputs: [CInt] = []
    var terminalPath: String?
    var ours: [CInt] { outputs + (input.map { [$0] } ?? []) }

    static func pipes() throws -> Ends {
        let input = try pipeEnds()
        let output = try pipeEnds()
        let error = try pipeEnds()
        _ = fcntl(input.write, F_SETFL, O_NONBLOCK)
        return Ends(
            theirs: [input.read, output.write, error.write], input: input.write, outputs: [output.read, error.read])
    }

    static func terminal(rows: Int, columns: Int) throws -> Ends {
        var name = [CChar](repeating: 0, count: 64)
        let master = ctest_open_terminal(&name, name.count)
        guard master >= 0 else {
            throw ProgramFailure(description: "posix_openpt: \(String(cString: strerror(errno)))")
        }
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
        let path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        // Held open until the program has it: a terminal that nobody has open yet answers EIO.
        let slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        return Ends(theirs: [slave], input: master, outputs: [master], terminalPath: path)
    }
}

func pipeEnds() throws -> (read: CInt, write: CInt) {
    var ends: [CInt] = [-1, -1]
    guard ctest_pipe(&ends) == 0 else {
        throw ProgramFailure(description: "pipe2: \(String(cString: strerror(errno)))")
    }
    return (ends[0], ends[1])
}

/// Runs blocking work on a thread of its own.
private func onOwnThread(_ work: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(work))
    let failure = pthread_create(
        &thread, nil,
        { pointer in
            guard let pointer else { return nil }
            // A program that closes its input early must not end the test process.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().work()
            return nil
        }, box.toOpaque())
    precondition(failure == 0, "pthread_create: \(String(cString: strerror(failure)))")
    pthread_detach(thread)
}
