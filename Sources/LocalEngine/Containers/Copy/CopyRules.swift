// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// What `cp SOURCE TARGET` means: which of source's and target's names the copy has in the end.
///
/// - SeeAlso: docker-container-cp(1), which lists every case.
struct CopyRules {
    /// Whether a link as source stands for what it points to (`-L`).
    var followsLink = false
    /// Whether user and group ids are kept (`-a`).
    var keepsOwners = false

    /// Copies from one side to the other.
    ///
    /// - Throws: `EngineError`, with both kinds named where a directory and something else meet.
    func copy(
        _ path: String, from source: borrowing CopySide, to targetPath: String, on target: borrowing CopySide
    ) throws -> CopyReport {
        let wantsContents = path == "." || path.hasSuffix("/.")
        let origin = try Self.origin(
            path, source, followsLink: followsLink || path.hasSuffix("/") || wantsContents)
        if !origin.isDirectory, path.hasSuffix("/") || wantsContents { throw Self.notDirectory(path) }
        let place = try Self.place(targetPath, target)
        if let mode = place.mode, !place.isDirectory {
            if origin.isDirectory {
                throw EngineError(
                    .conflict, .path(targetPath),
                    "cannot copy directory \"\(path)\" onto \"\(targetPath)\", which is a file")
            }
            if targetPath.hasSuffix("/") { throw Self.notDirectory(targetPath) }
            if mode & S_IFMT != S_IFREG {
                throw EngineError(
                    .conflict, .path(targetPath), "cannot copy onto \"\(targetPath)\", which is not a regular file")
            }
        }
        if place.mode == nil, !origin.isDirectory, targetPath.hasSuffix("/") {
            throw Self.missingDirectory(targetPath, target, SystemError(step: "stat \(targetPath)", number: ENOENT))
        }
        do {
            // A link that was followed lends the copy its own name.
            let name = wantsContents || origin.name == "." ? nil : Self.lastPart(of: path)
            return try carry(origin, place, name: name)
        } catch let error as SystemError {
            throw target.failure(targetPath, error)
        }
    }

    /// - Parameter name: what the copy is called in a directory that is there; `nil` puts the source's contents in it.
    private func carry(
        _ origin: borrowing CopySide.Entry, _ place: borrowing CopySide.Entry, name: String?
    ) throws -> CopyReport {
        var copy = TreeCopy(keepsOwners: keepsOwners)
        guard place.isDirectory else {
            // A new name, or a file that is replaced. A directory called `.` has its contents under the new name.
            try copy.copy(origin.name, in: origin.directory.number, to: place.name, in: place.directory.number)
            return copy.report
        }
        let outer = try Descriptor(opening: place.name, in: place.directory.number, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        if let name {
            try copy.copy(origin.name, in: origin.directory.number, to: name, in: outer.number)
        } else {
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
            let inner = try Descriptor(opening: origin.name, in: origin.directory.number, flags)
            try copy.copyContents(of: inner, into: outer)
        }
        return copy.report
    }

    private static func origin(
        _ path: String, _ side: borrowing CopySide, followsLink: Bool
    ) throws -> CopySide.Entry {
        do {
            let entry = try side.entry(path, followsLink: followsLink)
            if entry.mode != nil { return entry }
        } catch  where error.number == ENOTDIR {
            throw notDirectory(path)
        } catch {
            throw side.failure(path, error)
        }
        throw side.failure(path, SystemError(step: "stat \(path)", number: ENOENT))
    }

    private static func place(_ path: String, _ side: borrowing CopySide) throws -> CopySide.Entry {
        do {
            return try side.entry(path, followsLink: true)
        } catch  where error.number == ENOENT || error.number == ENOTDIR {
            throw missingDirectory(path, side, error)
        } catch {
            throw side.failure(path, error)
        }
    }

    private static func missingDirectory(
        _ path: String, _ side: borrowing CopySide, _ error: SystemError
    ) -> EngineError {
        guard case .host = side.owner else { return side.failure(path, error) }
        return EngineError(
            .notFound, .path(path), "invalid output path: directory \"\(parent(of: path))\" does not exist",
            cause: error)
    }

    private static func notDirectory(_ path: String) -> EngineError {
        EngineError(.conflict, .path(path), "\(path): not a directory")
    }

    private static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func parent(of path: String) -> Substring {
        if path.hasSuffix("/") { return path.dropLast() }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : path[..<slash]
    }
}
