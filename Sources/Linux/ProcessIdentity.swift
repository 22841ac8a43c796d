// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Whom a program acts for, found in the files of its root: passwd(5), group(5).
public struct ProcessIdentity: Hashable, Sendable {
    /// Why a user cannot be found, in Docker's words.
    public struct Unknown: Error, Hashable {
        /// One sentence.
        public let message: String
    }

    /// The user.
    public var uid: UInt32
    /// The group.
    public var gid: UInt32
    /// Groups beside `gid`.
    public var groups: [UInt32]
    /// The home directory.
    public var home: String

    /// User and group 0.
    public static let root = ProcessIdentity(uid: 0, gid: 0, groups: [], home: "/root")

    /// Reads `name`, `uid`, `name:group` or `uid:gid`; empty means root.
    ///
    /// A number needs no entry. Other groups are a user's only when the group is not given, and only for a user who has
    /// an entry: as the OCI runtimes do.
    public init(_ text: String, passwd: String, group: String) throws(Unknown) {
        let colon = text.firstIndex(of: ":")
        let userPart = String(colon.map { text[..<$0] } ?? text[...])
        let groupPart = colon.map { String(text[text.index(after: $0)...]) } ?? ""
        let wanted = userPart.isEmpty ? "0" : userPart
        let number = try Self.number(wanted)
        let users = passwd.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        // A name that is all digits can be a name too: the name wins.
        let entry =
            users.first { $0.count >= 6 && $0[0] == wanted }
            ?? users.first { $0.count >= 6 && number != nil && UInt32($0[2]) == number }
        guard let uid = entry.flatMap({ UInt32($0[2]) }) ?? number else {
            throw Unknown(message: "unable to find user \(wanted): no matching entries in passwd file")
        }
        self.uid = uid
        home = entry.map { String($0[5]) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/"
        gid = entry.flatMap { UInt32($0[3]) } ?? 0
        groups = []
        let allGroups = group.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        if !groupPart.isEmpty {
            let number = try Self.number(groupPart)
            let named = allGroups.first { $0.count >= 3 && $0[0] == groupPart }.flatMap { UInt32($0[2]) }
            guard let found = named ?? number else {
                throw Unknown(message: "unable to find group \(groupPart): no matching entries in group file")
            }
            gid = found
        } else if let name = entry?[0] {
            let member = allGroups.filter { $0.count >= 4 && $0[3].split(separator: ",").contains(name) }
            groups = member.compactMap { UInt32($0[2]) }
        }
    }

    private init(uid: UInt32, gid: UInt32, groups: [UInt32], home: String) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.home = home
    }

    private static func number(_ text: String) throws(Unknown) -> UInt32? {
        guard text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        guard let number = UInt32(text), number <= UInt32(Int32.max) else {
            throw Unknown(message: "uids and gids must be in range 0-2147483647")
        }
        return number
    }

    /// The text of one of those files, open already; empty where it is no plain file or cannot be read.
    public static func text(of file: borrowing Descriptor) -> String {
        var status = stat()
        guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            // A file that cannot be read has no entries.
            let bytes = try? file.readToEnd(limit: 16 << 20)
        else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same, by its path in the root that this process already lives in; empty where it is missing.
    public static func text(of path: String) -> String {
        // O_NONBLOCK: an image may put a named pipe there. A file that cannot be read has no entries.
        guard let file = try? Descriptor(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY) else { return "" }
        return text(of: file)
    }
}
