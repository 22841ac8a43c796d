// SPDX-License-Identifier: Apache-2.0

/// How a container, or an `exec`, ended: written once, beside its place and renamed into it, by the monitor.
public struct ExitRecord: Hashable, Sendable {
    /// The way it ended.
    public enum Ending: Hashable, Sendable {
        /// By itself, with the status given to _exit(2).
        case exited(UInt8)
        /// By a signal.
        case signaled(Int32)
        /// Never began.
        case failed(StartFailure)
    }

    /// The way it ended.
    public var ending = Ending.exited(0)
    /// The kernel killed a process of the container for want of memory.
    public var ranOutOfMemory = false
    /// When the program began: nanoseconds since 1970, UTC. Zero when it never did.
    public var startedAt: Int64 = 0
    /// When it ended, likewise.
    public var finishedAt: Int64 = 0

    /// A blank record.
    public init() {}

    /// What `run` exits with: the program's own status, 128 + n by signal n, or the failure's status.
    public var exitCode: Int32 {
        switch ending {
        case .exited(let status): Int32(status)
        case .signaled(let signal): 128 + signal
        case .failed(let failure): failure.exitCode
        }
    }
}

/// Why a program did not begin.
public struct StartFailure: Error, Hashable, Sendable {
    /// Whose fault it is, in the terms of a shell's exit status.
    public enum Cause: UInt8, Sendable {
        /// The engine's, the machine's or the request's: 125.
        case engine
        /// The program, or the interpreter that it names, exists but cannot be executed: 126.
        case cannotInvoke
        /// The program, or the interpreter that it names, does not exist: 127.
        case notFound
    }

    /// Whose fault it is.
    public var cause = Cause.engine
    /// The launch step that failed, as `mountProc`.
    public var step = ""
    /// errno(3), or zero where no system call failed.
    public var number: Int32 = 0
    /// A sentence for a person, in Docker's words where Docker has some.
    public var message = ""
    /// The interpreter that a script's first line or an ELF header names and that the root lacks; otherwise empty.
    /// Control characters are as they stand in the file: a line that ends in CR LF shows as a last `\r`.
    public var interpreter = ""
    /// Whether `interpreter` is the loader that an ELF header names, rather than what a script's first line does.
    public var isLoader = false
    /// The processor that an ELF file is for, in Go's words (`arm64`), where the kernel would not execute it; otherwise
    /// empty.
    public var processor = ""

    /// A blank failure.
    public init() {}

    /// 125, 126 or 127.
    public var exitCode: Int32 {
        switch cause {
        case .engine: 125
        case .cannotInvoke: 126
        case .notFound: 127
        }
    }
}

extension ExitRecord: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        var version: UInt32 = 0x6478_0001
        wire.carry(&version)
        guard version == 0x6478_0001 else { return wire.refuse() }
        wire.carry(&ending)
        wire.carry(&ranOutOfMemory)
        wire.carry(&startedAt)
        wire.carry(&finishedAt)
    }
}

extension ExitRecord.Ending: Transferable {
    /// A success.
    public init() { self = .exited(0) }

    /// The case, then what it holds.
    public mutating func transfer(through wire: inout Wire) {
        var tag: UInt8
        var status: UInt8 = 0
        var signal: Int32 = 0
        var failure = StartFailure()
        switch self {
        case .exited(let present): (tag, status) = (0, present)
        case .signaled(let present): (tag, signal) = (1, present)
        case .failed(let present): (tag, failure) = (2, present)
        }
        wire.carry(&tag)
        switch tag {
        case 0:
            wire.carry(&status)
            self = .exited(status)
        case 1:
            wire.carry(&signal)
            self = .signaled(signal)
        case 2:
            wire.carry(&failure)
            self = .failed(failure)
        default: wire.refuse()
        }
    }
}

extension StartFailure: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&cause)
        wire.carry(&step)
        wire.carry(&number)
        wire.carry(&message)
        wire.carry(&interpreter)
        wire.carry(&isLoader)
        wire.carry(&processor)
    }
}
