// SPDX-License-Identifier: Apache-2.0

/// One entry of an archive: what would be made of it on disk.
///
/// Names are bytes, as on disk: many archives hold names that are not UTF-8, and they must come out as they went in.
public struct TarEntry: Sendable {
    /// What it becomes.
    public enum Kind: Hashable, Sendable {
        case regular, directory, symbolicLink, hardLink, fifo
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
    }

    /// A moment, as the kernel takes it.
    public struct Time: Hashable, Sendable {
        /// Seconds since 1970, negative before.
        public var seconds: Int64
        /// 0 to 999,999,999, always forward.
        public var nanoseconds: Int64

        /// Puts a moment together.
        public init(seconds: Int64, nanoseconds: Int64 = 0) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }
    }

    /// A stretch of a sparse file that is stored; everything else in it is a hole.
    public struct Fragment: Hashable, Sendable {
        /// Where it is in the file.
        public var offset: Int64
        /// How long it is.
        public var length: Int64

        /// Puts a stretch together.
        public init(offset: Int64, length: Int64) {
            self.offset = offset
            self.length = length
        }
    }

    /// An extended attribute.
    public struct Attribute: Hashable, Sendable {
        /// `security.capability`, `user.…`.
        public var name: [UInt8]
        /// Any bytes.
        public var value: [UInt8]

        /// Puts an attribute together.
        public init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// What it becomes.
    public var kind: Kind
    /// The name as it stands in the archive, `./` and final `/` included.
    public var path: [UInt8]
    /// What a link points to.
    public var linkTarget: [UInt8] = []
    /// Permissions with set-uid, set-gid and sticky bits.
    public var mode: UInt32
    /// The owner.
    public var owner: UInt32 = 0
    /// The group.
    public var group: UInt32 = 0
    /// The length that the file will have; more than what is stored for a sparse one.
    public var size: Int64 = 0
    /// When it was last changed.
    public var modified: Time
    /// When it was last read, where the archive says so.
    public var accessed: Time?
    /// Extended attributes.
    public var attributes: [Attribute] = []
    /// What of a sparse file is stored, in order; `nil` for an ordinary one.
    public var fragments: [Fragment]?

    /// An entry with nothing but what every one has.
    public init(kind: Kind, path: [UInt8], mode: UInt32, modified: Time) {
        self.kind = kind
        self.path = path
        self.mode = mode
        self.modified = modified
    }

    /// The name for people.
    public var name: String { String(decoding: path, as: UTF8.self) }
}
