// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// Looks for a path in every layer of a stack.
struct PathSearch {
    /// Topmost first.
    private let layers: [LayerDirectory]

    /// - Parameter layers: topmost first.
    init(layers: [String]) throws(SystemError) {
        var opened: [LayerDirectory] = []
        for path in layers { opened.append(try LayerDirectory(layer: path)) }
        self.layers = opened
    }

    /// What one layer says about a path, whatever the others say.
    private enum Verdict {
        case nothing
        /// What is below is not seen under this path.
        case hides
        case has(LayerFile, isOpaque: Bool)
    }

    /// Which layers have a say, after links on the way have been followed.
    ///
    /// - Throws: `SystemError`; ELOOP after forty links, as the kernel counts.
    func origin(of path: String) throws(SystemError) -> PathOrigin {
        var rest = Self.parts(of: path)[...]
        var done: [Substring] = []
        var links = 0
        while let part = rest.popFirst() {
            if part == ".." {
                _ = done.popLast()
                continue
            }
            done.append(part)
            // The last part is what was asked about, itself a link or not.
            guard !rest.isEmpty, let target = try linkTarget(of: done) else { continue }
            links += 1
            if links > 40 { throw SystemError(step: "follow \(path)", number: ELOOP) }
            _ = done.popLast()
            if target.hasPrefix("/") { done = [] }
            rest = Self.parts(of: target)[...] + rest
        }
        return PathOrigin(path: "/" + done.joined(separator: "/"), words: try words(about: done))
    }

    private static func parts(of path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }

    /// Where the link leads that the stack shows at a path; `nil` where it shows none.
    private func linkTarget(of parts: [Substring]) throws(SystemError) -> String? {
        for layer in layers {
            switch try Self.verdict(of: layer, parts) {
            case .nothing: continue
            case .hides: return nil
            case .has(let file, _): return file.target
            }
        }
        return nil
    }

    private func words(about parts: [Substring]) throws(SystemError) -> [PathOrigin.Word] {
        var words: [PathOrigin.Word] = []
        for (index, layer) in layers.enumerated() {
            let number = layers.count - index
            switch try Self.verdict(of: layer, parts) {
            case .nothing: break
            case .hides: words.append(.init(layer: number, file: nil))
            case .has(let file, let isOpaque):
                words.append(.init(layer: number, file: file))
                // An opaque directory is a new one, and takes away what was there.
                if isOpaque { words.append(.init(layer: number, file: nil)) }
            }
        }
        // Hiding what is not there is no news.
        while let last = words.last, last.file == nil { words.removeLast() }
        return words
    }

    private static func verdict(
        of layer: LayerDirectory, _ parts: [Substring]
    ) throws(SystemError) -> Verdict {
        var directory = layer
        var isHidden = directory.isOpaque
        for (index, part) in parts.enumerated() {
            let name = Array(String(part).utf8CString)
            guard let status = try directory.status(name) else { return isHidden ? .hides : .nothing }
            if status.isWhiteout { return .hides }
            let isLast = index == parts.count - 1
            if isLast, !status.isDirectory { return .has(try LayerFile(status, name, in: directory), isOpaque: false) }
            // Something else than a directory on the way: whatever is below cannot be reached.
            guard status.isDirectory else { return .hides }
            let inner = try directory.directory(name)
            if isLast { return .has(try LayerFile(status, name, in: directory), isOpaque: isHidden || inner.isOpaque) }
            isHidden = isHidden || inner.isOpaque
            directory = inner
        }
        var status = stat()
        let number = layer.descriptor.number
        try attempt("stat a layer") { fstat(number, &status) }
        return .has(
            LayerFile(
                kind: .directory, size: ByteCount(0), mode: status.st_mode & 0o7777, owner: status.st_uid,
                group: status.st_gid), isOpaque: layer.isOpaque)
    }
}
