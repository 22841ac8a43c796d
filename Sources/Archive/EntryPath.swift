// SPDX-License-Identifier: Apache-2.0

/// A name inside a layer, cleaned: components joined by single slashes, none before and none behind; empty is the root.
struct EntryPath: Hashable {
    let bytes: [UInt8]
    /// Where the last component begins.
    let nameStart: Int

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    /// Cleans a name as it stands in an archive.
    ///
    /// - Throws: `.escapes` for an absolute name and for one with `..`: no tool that makes layers writes these, and whoever
    ///   does wants to get out.
    init(_ raw: some Collection<UInt8>, of entry: TarEntry) throws(ArchiveError) {
        let components = raw.split(separator: Self.slash)
        if raw.first == Self.slash, !components.isEmpty {
            throw .escapes(entry: entry.name, reason: "an absolute name in a layer")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        for component in components where !component.elementsEqual([Self.dot]) {
            if component.elementsEqual([Self.dot, Self.dot]) {
                throw .escapes(entry: entry.name, reason: "leads out of the layer")
            }
            if !bytes.isEmpty { bytes.append(Self.slash) }
            bytes.append(contentsOf: component)
        }
        self.init(cleaned: bytes)
    }

    /// Takes what is clean already: what came from the kernel.
    init(cleaned bytes: [UInt8]) {
        self.bytes = bytes
        nameStart = bytes.lastIndex(of: Self.slash).map { $0 + 1 } ?? 0
    }

    var isRoot: Bool { bytes.isEmpty }
    /// The last component.
    var name: ArraySlice<UInt8> { bytes[nameStart...] }
    /// Everything before the last component; the root's parent is the root.
    var parent: EntryPath { EntryPath(cleaned: Array(bytes[..<max(0, nameStart - 1)])) }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The sibling with this name.
    func sibling(_ name: some Collection<UInt8>) -> EntryPath {
        EntryPath(cleaned: Array(bytes[..<nameStart]) + Array(name))
    }

    /// Whether this lies in `directory`, at any depth.
    func isInside(_ directory: EntryPath) -> Bool {
        if directory.isRoot { return !isRoot }
        return bytes.count > directory.bytes.count && bytes[directory.bytes.count] == Self.slash
            && bytes.starts(with: directory.bytes)
    }

    /// The directories on the way, outermost first, and this.
    var lineage: [EntryPath] {
        bytes.indices.filter { bytes[$0] == Self.slash }.map { EntryPath(cleaned: Array(bytes[..<$0])) } + [self]
    }

    /// Whether a symbolic link at this place with this target would climb out of the layer.
    func escapes(through target: [UInt8]) -> Bool {
        // Inside a container an absolute one starts at the container's own root.
        guard target.first != Self.slash else { return false }
        var depth = isRoot ? 0 : lineage.count - 1
        for component in target.split(separator: Self.slash) {
            if component.elementsEqual([Self.dot, Self.dot]) {
                depth -= 1
            } else if !component.elementsEqual([Self.dot]) {
                depth += 1
            }
            if depth < 0 { return true }
        }
        return false
    }
}
