// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a test asks to happen at one step of an operation, as `make.insertRow:kill` or `launch.mountProc:EIO`.
///
/// A process reads it once from `DSH_FAULT`; supervisors are told in their launch description. Where nobody asks, a step
/// costs one comparison.
public struct Fault: Hashable, Sendable {
    /// What happens in place of the step, or before it.
    public enum Effect: Hashable, Sendable {
        /// The process ends as by SIGKILL from outside.
        case kill
        /// The process stops until somebody continues it; then the step is done.
        case stop
        /// The step is not done and fails for this reason: errno(3).
        case failure(CInt)
    }

    /// The reasons that can be asked for, as errno(3) calls them.
    private static let reasons: [(name: String, number: CInt)] = [
        ("EIO", EIO), ("ENOSPC", ENOSPC), ("EMFILE", EMFILE), ("ENOMEM", ENOMEM),
    ]

    /// `OPERATION.STEP`.
    public let step: String
    /// What happens there.
    public let effect: Effect

    /// What `DSH_FAULT` asks of this process; `nil` where it is not set, or says nothing that is known.
    public static let current = getenv("DSH_FAULT").flatMap { Fault(String(cString: $0)) }

    /// Reads `OPERATION.STEP:EFFECT`.
    public init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        step = String(text[..<colon])
        let word = text[text.index(after: colon)...]
        switch word {
        case "kill": effect = .kill
        case "stop": effect = .stop
        default:
            guard let reason = Self.reasons.first(where: { $0.name == word }) else { return nil }
            effect = .failure(reason.number)
        }
    }

    /// As it is written.
    public var text: String {
        switch effect {
        case .kill: "\(step):kill"
        case .stop: "\(step):stop"
        case .failure(let number): "\(step):\(Self.reasons.first { $0.number == number }?.name ?? "")"
        }
    }

    /// Does what was asked, where this step is meant.
    ///
    /// - Throws: the failure that was asked for.
    public func meet(_ point: some FaultPoint) throws(SystemError) {
        if step == point.name { try happen() }
    }

    /// Does what was asked.
    ///
    /// - Throws: the failure that was asked for.
    public func happen() throws(SystemError) {
        switch effect {
        case .failure(let number): throw SystemError(step: step, number: number)
        // To this thread: where another took the signal, this one would be into the step before it stopped.
        case .stop: raise(SIGSTOP)
        case .kill:
            kill(getpid(), SIGKILL)
            // The signal may be taken by another thread: this one goes no further.
            while true { pause() }
        }
    }
}

/// The steps of one operation at which it can be interrupted: every one is tried by the fault tests.
public protocol FaultPoint: CaseIterable, Sendable {
    /// What the names of its steps begin with.
    static var operation: String { get }
}

extension FaultPoint {
    /// `OPERATION.STEP`, as `DSH_FAULT` has it.
    public var name: String { "\(Self.operation).\(self)" }
}
