// SPDX-License-Identifier: Apache-2.0

import Content
import Dockerfile
import Engine
import Glibc
import Linux
import OCI

/// A tree that COPY and ADD take files from: the context, a stage, an image.
///
/// Links are followed inside the tree only, and what its ignore rules exclude is not there.
final class SourceTree: Sendable {
    /// The open root.
    let root: Descriptor
    private let rules: IgnoreRules
    /// What messages call the file of the rules.
    private let rulesName: String
    /// Whether nobody can change it: layers. A file of them may have another device number each time they are mounted.
    let isFixed: Bool

    init(root: consuming Descriptor, rules: IgnoreRules = IgnoreRules(), rulesName: String = ".dockerignore") {
        self.root = root
        self.rules = rules
        self.rulesName = rulesName
        isFixed = false
    }

    /// The root of stacked layers.
    init(layers root: consuming Descriptor) {
        self.root = root
        rules = IgnoreRules()
        rulesName = ""
        isFixed = true
    }

    /// Why a source cannot be copied.
    struct Missing: Error {
        let sentence: String
        var isUnmatchedPattern = false
    }

    /// Finds what several sources name. A pattern may match nothing where another source matches something, as with
    /// `COPY package.json package-lock.json* ./`.
    ///
    /// - Throws: as the other `find`.
    func find(_ sources: [String], excluding excludes: IgnoreRules, _ interrupt: () throws -> Void) throws
        -> [CopiedSource]
    {
        var found: [CopiedSource] = []
        var unmatched: Missing?
        for source in sources {
            do {
                var own = try find(source, excluding: excludes, interrupt)
                // `a/./b`: what stands before the point is not kept by `--parents`.
                let left = Self.partsBeforePoint(of: source)
                for index in own.indices where left > 0 {
                    let parts = own[index].place.split(separator: UInt8(ascii: "/")).dropFirst(left)
                    own[index].kept = Array(parts.joined(separator: [UInt8(ascii: "/")]))
                }
                found += own
            } catch let missing as Missing where missing.isUnmatchedPattern {
                unmatched = unmatched ?? missing
            }
        }
        if found.isEmpty, let unmatched { throw unmatched }
        return found
    }

    private static func partsBeforePoint(of source: String) -> Int {
        let all = source.split(separator: "/", omittingEmptySubsequences: true)
        return all.lastIndex(of: ".") ?? 0
    }

    /// Finds what a source names, with everything below it. Contents are not read yet.
    ///
    /// - Parameters:
    ///   - source: a path or a pattern; wherever it begins, it is inside the tree.
    ///   - excludes: `--exclude`.
    /// - Throws: `Missing` for what is not there, not to be seen, or outside; `SystemError`.
    func find(_ source: String, excluding excludes: IgnoreRules, _ interrupt: () throws -> Void) throws
        -> [CopiedSource]
    {
        try refuseOutside(source)
        let parts = Self.parts(source)
        let matches = Self.isPattern(source) ? try match(parts, from: []) : [parts]
        guard !matches.isEmpty else { throw try missing(source, parts) }
        return try matches.compactMap { match in
            guard let place = try resolve(match) else {
                // A link that leads nowhere among others that match.
                if matches.count > 1 { return nil }
                throw try missing(source, parts)
            }
            let text = String(decoding: place, as: UTF8.self)
            let verdict = place.isEmpty ? rules.root : rules.verdict(on: text)
            var facts = stat()
            try Self.path(place) { path in
                try attempt("stat \(text)") { fstatat(root.number, path, &facts, AT_SYMLINK_NOFOLLOW) }
            }
            let isDirectory = facts.st_mode & S_IFMT == S_IFDIR
            if verdict.isExcluded, !(isDirectory && rules.mustWalk(text, verdict)) { throw try missing(source, parts) }
            var files = [CopiedFile(path: [], facts)]
            if isDirectory {
                let walk = TreeWalk(root: root.number, base: place, rules: rules, excludes: excludes)
                try walk.collect(into: &files, verdict, interrupt)
            }
            return CopiedSource(name: match.last.map { Array($0.utf8) } ?? [], place: place, files: files)
        }
    }

    /// `..` that leaves the tree would be cut off silently: it is never what is meant.
    private func refuseOutside(_ source: String) throws {
        var depth = 0
        for part in source.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 {
                throw Missing(
                    sentence:
                        "\"\(source)\" is outside of the build context: only files below the directory that is built "
                        + "can be copied; build from the directory above with -f")
            }
        }
    }

    private static func parts(_ path: String) -> [String] {
        var parts: [String] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts
    }

    private static func isPattern(_ source: String) -> Bool { source.contains { "*?[\\".contains($0) } }

    /// Goes down one part of a pattern at a time; names in the order of their bytes.
    private func match(_ parts: [String], from above: [String]) throws -> [[String]] {
        guard let part = parts.first else { return [above] }
        let rest = Array(parts.dropFirst())
        guard Self.isPattern(part) else {
            let next = above + [part]
            return try resolve(next) == nil ? [] : try match(rest, from: next)
        }
        guard let place = try resolve(above), let directory = try open(place, O_RDONLY | O_DIRECTORY) else { return [] }
        var found: [[String]] = []
        for name in try directory.entryNames().sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where fnmatch(part, name, FNM_PATHNAME) == 0 {
            let path = (place.isEmpty ? "" : String(decoding: place, as: UTF8.self) + "/") + name
            let verdict = rules.verdict(on: path)
            if verdict.isExcluded, !rules.mustWalk(path, verdict) { continue }
            found += try match(rest, from: above + [name])
        }
        return found
    }

    /// Where a path is when every link on the way is followed, its last part's too; `nil` where nothing is.
    private func resolve(_ parts: [String]) throws -> [UInt8]? {
        guard let file = try open(Array(parts.joined(separator: "/").utf8), Descriptor.pathOnly) else { return nil }
        guard let whole = linkTarget("/proc/self/fd/\(file.number)"),
            let top = linkTarget("/proc/self/fd/\(root.number)")
        else { return nil }
        // Above a tree's own root there is nothing that could be resolved.
        return whole == top ? [] : Array(whole.dropFirst(top.count).drop { $0 == UInt8(ascii: "/") })
    }

    private func linkTarget(_ path: String) -> [UInt8]? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        return count < 0 ? nil : bytes[..<count].map(UInt8.init(bitPattern:))
    }

    private func open(_ place: [UInt8], _ flags: CInt) throws -> Descriptor? {
        do throws(SystemError) {
            return try Self.path(place) { (path) throws(SystemError) in
                try Descriptor(opening: path, below: root.number, .insideRoot, flags)
            }
        } catch {
            if [ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG].contains(error.number) { return nil }
            throw error
        }
    }

    /// Three different ways of not being there.
    private func missing(_ source: String, _ parts: [String]) throws -> Missing {
        let path = parts.joined(separator: "/")
        let start = "\"/\(path)\": not found"
        if try resolve(parts) != nil {
            let verdict = rules.verdict(on: path)
            if let rule = verdict.rule {
                return Missing(
                    sentence:
                        "\(start): it is there, but \(rulesName) line \(rule.line) (\(rule.text.text)) excludes it")
            }
        }
        if Self.isPattern(source) { return Missing(sentence: "\(start): no file matches", isUnmatchedPattern: true) }
        let above = Array(parts.dropLast())
        let names = try resolve(above).flatMap { try open($0, O_RDONLY | O_DIRECTORY)?.entryNames() } ?? []
        if let last = parts.last, let near = nearestWord(to: last, among: names.sorted()) {
            return Missing(sentence: "\(start) (did you mean \((above + [near]).joined(separator: "/"))?)")
        }
        return Missing(sentence: start)
    }

    /// Lends a place as the kernel takes it; the root itself is `.`.
    @discardableResult static func path<Value: ~Copyable, Failure: Error>(
        _ place: [UInt8], _ body: (UnsafePointer<CChar>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let bytes = place.isEmpty ? [UInt8(ascii: "."), 0] : place + [0]
        return try body(bytes.map(CChar.init(bitPattern:)))
    }
}

/// Lists everything below a directory that its rules let through, parents before what lies in them.
private struct TreeWalk {
    let root: CInt
    let base: [UInt8]
    let rules: IgnoreRules
    let excludes: IgnoreRules

    func collect(
        into files: inout [CopiedFile], _ verdict: IgnoreRules.Verdict, _ interrupt: () throws -> Void
    ) throws {
        let directory = try SourceTree.path(base) { (path) throws(SystemError) in
            try Descriptor(opening: path, below: root, .beneathWithoutLinks, O_RDONLY | O_DIRECTORY)
        }
        _ = try collect(directory, [], verdict, excludes.root, into: &files, interrupt)
    }

    /// - Returns: whether anything was let through.
    private func collect(
        _ directory: borrowing Descriptor, _ path: [UInt8], _ above: IgnoreRules.Verdict,
        _ aboveExcluded: IgnoreRules.Verdict, into files: inout [CopiedFile], _ interrupt: () throws -> Void
    ) throws -> Bool {
        try interrupt()
        let number = directory.number
        var isAny = false
        let names = try directory.rawEntryNames().sorted { Self.bytes($0).lexicographicallyPrecedes(Self.bytes($1)) }
        for name in names {
            let own = path.isEmpty ? Self.bytes(name) : path + [UInt8(ascii: "/")] + Self.bytes(name)
            let whole = String(decoding: base.isEmpty ? own : base + [UInt8(ascii: "/")] + own, as: UTF8.self)
            let text = String(decoding: own, as: UTF8.self)
            let verdict = rules.verdict(on: whole, in: above)
            let excluded = excludes.verdict(on: text, in: aboveExcluded)
            var facts = stat()
            try attempt("stat \(whole)") { fstatat(number, name, &facts, AT_SYMLINK_NOFOLLOW) }
            let isDirectory = facts.st_mode & S_IFMT == S_IFDIR
            let isHidden = verdict.isExcluded || excluded.isExcluded
            if isHidden, !isDirectory { continue }
            if isHidden, verdict.isExcluded ? !rules.mustWalk(whole, verdict) : !excludes.mustWalk(text, excluded) {
                continue
            }
            // A socket is an address of a running program, not a content.
            if facts.st_mode & S_IFMT == S_IFSOCK { continue }
            let place = files.count
            files.append(CopiedFile(path: own, facts))
            if isDirectory {
                let inner = try Descriptor(opening: name, below: number, .beneathWithoutLinks, O_RDONLY | O_DIRECTORY)
                let isAnyInside = try collect(inner, own, verdict, excluded, into: &files, interrupt)
                // An excluded directory is there only for what an exception lets through in it.
                if isHidden, !isAnyInside {
                    files.remove(at: place)
                    continue
                }
            }
            isAny = true
        }
        return isAny
    }

    private static func bytes(_ name: [CChar]) -> [UInt8] { name.dropLast().map(UInt8.init(bitPattern:)) }
}
