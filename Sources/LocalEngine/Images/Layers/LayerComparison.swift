// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// What a layer does to the files of those below it.
struct LayerComparison {
    private var changes: [LayerChange] = []

    /// Compares a layer with those below, topmost first.
    static func changes(of layer: String, above below: [String]) throws(SystemError) -> [LayerChange] {
        var comparison = LayerComparison()
        let top = try LayerDirectory(layer: layer)
        try comparison.compare(top, with: try MergedDirectory(layers: below), path: "")
        return comparison.changes
    }

    /// - Parameter path: the directory's, without a slash at its end.
    private mutating func compare(
        _ layer: LayerDirectory, with below: MergedDirectory?, path: String
    ) throws(SystemError) {
        let names = try layer.names()
        var hidden = layer.isOpaque ? try below?.names() ?? [] : []
        if !hidden.isEmpty {
            let own = Set(names)
            hidden.removeAll { own.contains($0) }
        }
        for name in names + hidden {
            let inner = path + "/" + name.asText
            let former = try below?.entry(name)
            guard let status = try layer.status(name), !status.isWhiteout else {
                guard let former else { continue }
                changes.append(LayerChange(path: inner, former: try Self.file(name, former, in: below), present: nil))
                continue
            }
            if !status.isDirectory || former.map({ $0.isOther(than: status) }) ?? true {
                let before: LayerFile? = if let former { try Self.file(name, former, in: below) } else { nil }
                changes.append(
                    LayerChange(path: inner, former: before, present: try LayerFile(status, name, in: layer)))
            }
            guard status.isDirectory else { continue }
            try compare(try layer.directory(name), with: try below?.directory(name), path: inner)
        }
        // Names of the layer's own come in order; those that an opaque directory hides belong among them.
        if !hidden.isEmpty { sort(below: path) }
    }

    /// A file that is gone or replaced; a directory with the bytes of all that was in it.
    private static func file(
        _ name: [CChar], _ entry: MergedDirectory.Entry, in below: MergedDirectory?
    ) throws(SystemError) -> LayerFile {
        var file = try LayerFile(entry.status, name, in: entry.holder)
        if entry.status.isDirectory { file.size = ByteCount(try below?.directory(name)?.size() ?? 0) }
        return file
    }

    private mutating func sort(below path: String) {
        let first = changes.firstIndex { $0.path.hasPrefix(path + "/") } ?? changes.endIndex
        let sorted = changes[first...].sorted { left, right in
            left.path.split(separator: "/").lexicographicallyPrecedes(right.path.split(separator: "/")) {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
        }
        changes.replaceSubrange(first..., with: sorted)
    }
}

extension MergedDirectory.Entry {
    /// Whether kind, mode or owner differ; times do not count.
    fileprivate func isOther(than other: stat) -> Bool {
        status.st_mode != other.st_mode || status.st_uid != other.st_uid || status.st_gid != other.st_gid
    }
}

extension LayerFile {
    /// A file of a layer's directory.
    init(_ status: stat, _ name: [CChar], in directory: LayerDirectory) throws(SystemError) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .special
            }
        self.init(
            kind: kind, size: ByteCount(kind == .file ? Int64(status.st_size) : 0), mode: status.st_mode & 0o7777,
            owner: status.st_uid, group: status.st_gid)
        // A name that is no UTF-8 cannot be said in a String.
        guard kind == .link, let name = name.validText else { return }
        target = try directory.descriptor.linkTarget(of: name)
    }
}
