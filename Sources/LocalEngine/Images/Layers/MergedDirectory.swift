// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// One layer's own directory, open.
final class LayerDirectory: Sendable {
    let descriptor: Descriptor
    /// Whether it hides the directories of its name in the layers below.
    let isOpaque: Bool

    /// Opens a layer.
    convenience init(layer path: String) throws(SystemError) {
        try self.init(try Descriptor(opening: path, O_RDONLY | O_DIRECTORY))
    }

    private init(_ descriptor: consuming Descriptor) throws(SystemError) {
        isOpaque = try descriptor.attribute("trusted.overlay.opaque") == Array("y".utf8)
        self.descriptor = descriptor
    }

    /// A directory in this one.
    func directory(_ name: [CChar]) throws(SystemError) -> LayerDirectory {
        try LayerDirectory(
            Descriptor(
                opening: name, below: descriptor.number, .beneathWithoutLinks, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
    }

    /// What stands at a name; `nil` where nothing does.
    func status(_ name: [CChar]) throws(SystemError) -> stat? {
        var status = stat()
        if fstatat(descriptor.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
        if errno == ENOENT { return nil }
        throw SystemError(step: "stat \(name.asText)", number: errno)
    }

    /// The names in it, in the order of their bytes, whiteouts among them.
    func names() throws(SystemError) -> [[CChar]] {
        try descriptor.rawEntryNames().sorted { left, right in
            left.lazy.map(UInt8.init(bitPattern:)).lexicographicallyPrecedes(right.lazy.map(UInt8.init(bitPattern:)))
        }
    }
}

/// A directory as a stack of layers shows it: the layers' directories of its name, topmost first, as far down as one that
/// hides the rest.
///
/// - SeeAlso: the kernel's Documentation/filesystems/overlayfs.rst, "Upper and Lower", "whiteouts and opaque directories".
struct MergedDirectory: Sendable {
    private let parts: [LayerDirectory]

    /// What a stack of layers shows at its root.
    ///
    /// - Parameter layers: topmost first.
    init(layers: [String]) throws(SystemError) {
        var parts: [LayerDirectory] = []
        for path in layers {
            let part = try LayerDirectory(layer: path)
            parts.append(part)
            if part.isOpaque { break }
        }
        self.parts = parts
    }

    private init(parts: [LayerDirectory]) { self.parts = parts }

    /// A name as the stack shows it.
    struct Entry {
        let status: stat
        /// The topmost layer's directory that has it.
        let holder: LayerDirectory
    }

    /// What is seen under a name; `nil` where nothing is.
    func entry(_ name: [CChar]) throws(SystemError) -> Entry? {
        for part in parts {
            guard let status = try part.status(name) else { continue }
            return status.isWhiteout ? nil : Entry(status: status, holder: part)
        }
        return nil
    }

    /// The directory that is seen under a name; `nil` where there is none, or something else.
    func directory(_ name: [CChar]) throws(SystemError) -> MergedDirectory? {
        var found: [LayerDirectory] = []
        for part in parts {
            guard let status = try part.status(name) else { continue }
            guard status.isDirectory else { break }
            let directory = try part.directory(name)
            found.append(directory)
            if directory.isOpaque { break }
        }
        return found.isEmpty ? nil : MergedDirectory(parts: found)
    }

    /// The names that are seen in it, in no order.
    func names() throws(SystemError) -> [[CChar]] {
        var seen: Set<[CChar]> = []
        var names: [[CChar]] = []
        for part in parts {
            for name in try part.descriptor.rawEntryNames() where seen.insert(name).inserted {
                if let status = try part.status(name), !status.isWhiteout { names.append(name) }
            }
        }
        return names
    }

    /// Bytes of all files below it.
    func size() throws(SystemError) -> Int64 {
        var total: Int64 = 0
        for name in try names() {
            guard let entry = try entry(name) else { continue }
            if entry.status.isDirectory {
                total += try directory(name)?.size() ?? 0
            } else if entry.status.st_mode & S_IFMT == S_IFREG {
                total += Int64(entry.status.st_size)
            }
        }
        return total
    }
}

extension stat {
    /// The mark of overlayfs for a name that is removed: a character device 0:0.
    var isWhiteout: Bool { st_mode & S_IFMT == S_IFCHR && st_rdev == 0 }

    var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
}

extension [CChar] {
    /// A name as the kernel has it, its final zero included, as text; bytes that are no UTF-8 are shown as U+FFFD.
    var asText: String { String(decoding: dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }

    /// The same; `nil` where it is no UTF-8.
    var validText: String? { String(validating: dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
}
