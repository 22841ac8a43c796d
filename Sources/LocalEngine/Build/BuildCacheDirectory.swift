// SPDX-License-Identifier: Apache-2.0

import Dockerfile
import Engine
import Glibc
import Linux
import OCI

/// The directory of a `--mount=type=cache` while a command uses it.
///
/// It is found by its id and by what it began with, and lives until `builder prune` removes it.
final class BuildCacheDirectory: Sendable {
    let path: String
    /// For `sharing=locked` and `sharing=private`.
    private let lock: FileLock?
    /// The directory itself, with a lock that keeps `builder prune` away: flock(2).
    private let directory: Descriptor

    private init(path: String, directory: consuming Descriptor, lock: consuming FileLock?) {
        self.path = path
        self.directory = directory
        self.lock = lock
    }

    /// Where all of them are.
    static func parent(_ paths: EnginePaths) -> String { paths.root + "/buildcache" }

    /// Finds or makes it, and waits for it where it is another command's.
    static func open(_ mount: StepMount, _ work: StepWork) async throws -> BuildCacheDirectory {
        let above = parent(work.builds.images.core.paths)
        try SmallFile.makeDirectory(above)
        var key = StepKey("cache", below: nil)
        key.add(mount.mount.id ?? mount.target)
        if mount.origin != nil {
            key.add(mount.mount.source ?? "")
            if let files = mount.files {
                key.add(files, countsOwners: true, countsModes: true)
            } else {
                key.add(mount.origin?.chain?.description ?? "")
            }
        }
        let name = key.digits
        switch mount.mount.sharing {
        case nil, .shared?:
            let path = above + "/" + name
            return BuildCacheDirectory(path: path, directory: try await make(path, mount, work), lock: nil)
        case .locked?:
            let lock = try await wait(for: above + "/" + name + ".lock")
            let path = above + "/" + name
            return BuildCacheDirectory(path: path, directory: try await make(path, mount, work), lock: lock)
        case .private?:
            var number = 0
            while true {
                let path = above + "/" + name + (number == 0 ? "" : "-\(number)")
                if let lock = try wrapping({ () throws(SystemError) in try FileLock.take(path + ".lock") }) {
                    return BuildCacheDirectory(path: path, directory: try await make(path, mount, work), lock: lock)
                }
                number += 1
            }
        }
    }

    /// Asks again and again: a thread that waits for a lock could not be cancelled.
    private static func wait(for path: String) async throws -> FileLock {
        while true {
            if let lock = try wrapping({ () throws(SystemError) in try FileLock.take(path) }) { return lock }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func wrapping(_ body: () throws(SystemError) -> FileLock?) throws(EngineError) -> FileLock? {
        do throws(SystemError) { return try body() } catch { throw EngineError(error, .engine) }
    }

    /// Finds it or makes it, and keeps `builder prune` from it.
    private static func make(_ path: String, _ mount: StepMount, _ work: StepWork) async throws -> Descriptor {
        while true {
            if let directory = try hold(path, LOCK_SH) { return directory }
            try Task.checkCancellation()
            try await makeAnew(path, mount, work)
        }
    }

    /// Opens and locks it; `nil` where it is not there, or is being removed.
    private static func hold(_ path: String, _ operation: CInt) throws(EngineError) -> Descriptor? {
        do throws(SystemError) {
            let directory = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            let number = directory.number
            try attempt("flock \(path)") { flock(number, operation | LOCK_NB) }
            var (held, present) = (stat(), stat())
            guard fstat(number, &held) == 0, stat(path, &present) == 0, held.st_ino == present.st_ino else {
                return nil
            }
            return directory
        } catch {
            if error.number == ENOENT || error.number == EWOULDBLOCK { return nil }
            throw EngineError(error, .path(path))
        }
    }

    /// Removes all that no command uses just now.
    static func removeUnused(_ paths: EnginePaths) throws -> (names: [String], bytes: Int64) {
        // Where there is no such directory, nobody has made a cache yet.
        let names = (try? Descriptor(opening: parent(paths), O_RDONLY | O_DIRECTORY).entryNames()) ?? []
        var (removed, bytes): ([String], Int64) = ([], 0)
        for name in names.sorted() where !name.hasSuffix(".lock") {
            let path = parent(paths) + "/" + name
            guard let directory = try hold(path, LOCK_EX) else { continue }
            defer { withExtendedLifetime(directory) {} }
            bytes += DiskUsage.bytes(below: path)
            try TreeRemoval.remove(path)
            removed.append(name)
        }
        return (removed, bytes)
    }

    /// Made elsewhere and renamed into its place: it is there whole or not at all.
    private static func makeAnew(_ path: String, _ mount: StepMount, _ work: StepWork) async throws {
        guard access(path, F_OK) != 0 else { return try await Task.sleep(for: .milliseconds(10)) }
        let (scratch, made) = try await beginning(mount, work)
        let own = mount.mount
        if let mode = own.mode, chmod(made, mode_t(mode)) != 0 {
            throw EngineError.failed("chmod \(made)", .path(made))
        }
        if own.user != nil || own.group != nil, chown(made, own.user ?? 0, own.group ?? 0) != 0 {
            throw EngineError.failed("chown \(made)", .path(made))
        }
        defer { withExtendedLifetime(scratch) {} }
        // Somebody else may have made it meanwhile, and then that one counts.
        if rename(made, path) != 0, errno != EEXIST, errno != ENOTEMPTY {
            throw EngineError.failed("rename \(made)", .path(path))
        }
    }

    private static func beginning(_ mount: StepMount, _ work: StepWork) async throws -> (BuildScratch, String) {
        guard let origin = mount.origin else {
            let containers = work.builds.containers
            let scratch = try await ImageWork.run { _ in try BuildScratch(containers, over: []) }
            return (scratch, scratch.files.upper)
        }
        var mount = mount
        if mount.files == nil {
            let files = try await work.files(["/"], from: origin, knowing: nil)
            mount = StepMount(mount: mount.mount, target: mount.target, origin: origin, files: files)
        }
        return try await work.copied(mount)
    }
}
