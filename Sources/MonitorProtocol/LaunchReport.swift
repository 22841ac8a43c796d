// SPDX-License-Identifier: Apache-2.0

/// What a monitor says on the report pipe, once, before it closes it. An empty report means that the monitor died.
public enum LaunchReport: Hashable, Sendable {
    /// The program runs.
    case started(Started)
    /// It does not, and nothing of the attempt is left.
    case failed(StartFailure)

    /// A program that runs.
    public struct Started: Hashable, Sendable {
        /// The first process, as the host counts.
        public var pid: Int32 = 0
        /// Field 22 of its /proc/PID/stat: with the pid, the same process and no later one.
        public var startTicks: UInt64 = 0
        /// Nanoseconds since 1970, UTC.
        public var startedAt: Int64 = 0
        /// What this machine gave instead of what was asked.
        public var adjustments: [Adjustment] = []
        /// The ports as they are, those that the kernel chose filled in.
        public var ports: [LaunchDescription.PublishedPort] = []

        /// A blank report.
        public init() {}
    }
}

/// A setting that this machine could not give as asked, and the nearest that it gave.
public struct Adjustment: Hashable, Sendable {
    /// The setting, as `nofile`, `memory`, `cpuset`, `oom_score_adj`, `capability sys_resource`.
    public var setting = ""
    /// What was asked for.
    public var asked = ""
    /// What was given; empty where nothing was.
    public var given = ""
    /// Why: errno(3), or zero where the kernel has no such thing at all.
    public var number: Int32 = 0

    /// An adjustment.
    public init(setting: String = "", asked: String = "", given: String = "", number: Int32 = 0) {
        self.setting = setting
        self.asked = asked
        self.given = given
        self.number = number
    }
}

extension LaunchReport: Transferable {
    /// A blank failure.
    public init() { self = .failed(StartFailure()) }

    /// The case, then what it holds.
    public mutating func transfer(through wire: inout Wire) {
        var tag: UInt8
        var started = Started()
        var failure = StartFailure()
        switch self {
        case .started(let present): (tag, started) = (1, present)
        case .failed(let present): (tag, failure) = (2, present)
        }
        wire.carry(&tag)
        switch tag {
        case 1:
            wire.carry(&started)
            self = .started(started)
        case 2:
            wire.carry(&failure)
            self = .failed(failure)
        default: wire.refuse()
        }
    }
}

extension LaunchReport.Started: Transferable {
    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&pid)
        wire.carry(&startTicks)
        wire.carry(&startedAt)
        wire.carry(&adjustments)
        wire.carry(&ports)
    }
}

extension Adjustment: Transferable {
    /// A blank adjustment.
    public init() { self.init(setting: "") }

    /// Every field, once, for both directions.
    public mutating func transfer(through wire: inout Wire) {
        wire.carry(&setting)
        wire.carry(&asked)
        wire.carry(&given)
        wire.carry(&number)
    }
}
