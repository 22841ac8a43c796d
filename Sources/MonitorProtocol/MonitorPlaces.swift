// SPDX-License-Identifier: Apache-2.0

/// Where a monitor and its clients meet: the names below the two directories of a launch description, and the
/// descriptors that a monitor is born with.
public struct MonitorPlaces: Hashable, Sendable {
    /// The launch description, to be read to its end.
    public static let launchDescriptor: Int32 = 3
    /// Takes the `LaunchReport`, then is closed.
    public static let reportDescriptor: Int32 = 4
    /// A connected stream socket of the first client, where there is one: so that no output precedes it.
    public static let clientDescriptor: Int32 = 5
    /// The bound sockets of `LaunchDescription.ports`, one each, in their order, from this descriptor upwards: TCP ones
    /// listen already. The monitor holds them for as long as it lives.
    public static let firstPortDescriptor: Int32 = 6

    /// `LaunchDescription.directory`.
    public let directory: String
    /// `LaunchDescription.runDirectory`.
    public let runDirectory: String

    /// Places below the two directories of a launch description.
    public init(directory: String, runDirectory: String) {
        self.directory = directory
        self.runDirectory = runDirectory
    }

    /// Locked by the monitor for as long as it lives; what is written in it is for people.
    public var lock: String { "\(runDirectory)/\(Self.lockName)" }
    /// The attach socket. Its path can be too long for a socket address: see `UnixSocket`.
    public var socket: String { "\(runDirectory)/\(Self.socketName)" }
    /// The `ExitRecord`; it exists once the end has come.
    public var exitRecord: String { "\(directory)/\(Self.exitRecordName)" }

    /// The lock's name.
    public static let lockName = "lock"
    /// The socket's name.
    public static let socketName = "attach"
    /// The exit record's name.
    public static let exitRecordName = "exit"
}
