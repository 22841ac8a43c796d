// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// Gives directories that a layer's archive left out the owner, permissions, attributes and times of those below.
///
/// overlayfs shows the topmost layer's directory; where the archive said nothing about it, what is below is meant (seen:
/// `var/cache`, 0700 and uid 33 below, turned 0755 and root's).
struct ImpliedDirectories {
    /// Paths inside the layer, outermost first.
    let paths: [[UInt8]]

    /// Changes the directories of an unpublished layer.
    ///
    /// - Parameter lowers: the layers' directories below, lowest first.
    func adopt(in layer: borrowing Descriptor, from lowers: [String]) throws(SystemError) {
        for path in paths {
            guard let lower = try visible(path, lowers) else { continue }
            let root = try Descriptor(opening: lower, O_RDONLY | O_DIRECTORY)
            let source = try Self.open(path, below: root.number)
            let target = try Self.open(path, below: layer.number)
            try Self.copyMetadata(from: source, to: target)
        }
    }

    /// The layer whose directory shows at a path; `nil` where nothing or something else does.
    private func visible(_ path: [UInt8], _ lowers: [String]) throws(SystemError) -> String? {
        for lower in lowers.reversed() {
            let root = try Descriptor(opening: lower, O_RDONLY | O_DIRECTORY)
            switch try Self.look(path, in: root) {
            case .here: return lower
            case .hidden: return nil
            case .askBelow: continue
            }
        }
        return nil
    }

    private enum Answer {
        case here, hidden, askBelow
    }

    private static func look(_ path: [UInt8], in root: borrowing Descriptor) throws(SystemError) -> Answer {
        let number = root.number
        let slashes = path.indices.filter { path[$0] == UInt8(ascii: "/") }
        for (depth, end) in (slashes + [path.endIndex]).enumerated() {
            var status = stat()
            guard fstatat(number, cString(path[..<end]), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                // Missing here: below, unless the directory that it would be in hides what is below.
                let parent = depth == 0 ? [] : Array(path[..<slashes[depth - 1]])
                return try isOpaque(parent, below: number) ? .hidden : .askBelow
            }
            // A whiteout, a link or a file: no directory of that name shows through.
            guard status.st_mode & S_IFMT == S_IFDIR else { return .hidden }
        }
        return .here
    }

    private static func isOpaque(_ path: [UInt8], below root: CInt) throws(SystemError) -> Bool {
        if path.isEmpty { return false }
        return try open(path, below: root).attribute("trusted.overlay.opaque") == Array("y".utf8)
    }

    private static func cString(_ path: some Sequence<UInt8>) -> [CChar] { path.map(CChar.init(bitPattern:)) + [0] }

    private static func open(_ path: [UInt8], below root: CInt) throws(SystemError) -> Descriptor {
        try Descriptor(opening: cString(path), below: root, .beneathWithoutLinks, O_RDONLY | O_DIRECTORY)
    }

    private static func copyMetadata(
        from source: borrowing Descriptor, to target: borrowing Descriptor
    ) throws(SystemError) {
        var status = stat()
        let (from, to) = (source.number, target.number)
        try attempt("stat a directory") { fstat(from, &status) }
        try attempt("chown a directory") { fchown(to, status.st_uid, status.st_gid) }
        try attempt("chmod a directory") { fchmod(to, status.st_mode & 0o7777) }
        for name in try source.attributeNames() where !name.hasPrefix("trusted.overlay.") {
            if let value = try source.attribute(name) { try target.setAttribute(name, to: value) }
        }
        let times = [status.st_atim, status.st_mtim]
        try attempt("set a directory's times") { futimens(to, times) }
    }
}
