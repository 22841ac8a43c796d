// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import Synchronization

/// The directories of unpacked layers: `layers/<64 digits>`, each of them a lower directory of overlays, never changed.
///
/// Names that begin with a dot are nobody's yet (`.new-…`, locked by their maker) or no longer (`.old-…`, locked by whoever
/// removes them). What is not locked was left by a crash.
struct LayerStore: Sendable {
    let directory: String

    func path(_ name: String) -> String { directory + "/" + name }

    /// An empty directory to unpack into.
    func begin() throws -> LayerDraft { try LayerDraft(in: directory) }

    /// Gives a finished directory its name; whether it did: not where there is one of that name.
    func publish(_ draft: LayerDraft, as name: String) throws(EngineError) -> Bool {
        do throws(SystemError) {
            let store = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
            guard try Descriptor.rename(draft.name, to: name, in: store.number) else { return false }
        } catch {
            throw EngineError(error, .path(directory))
        }
        draft.keep()
        return true
    }

    /// Takes a layer's directory out of sight, to be emptied by `finish`; `nil` when there is none.
    func retire(_ name: String) throws(EngineError) -> RetiredLayer? {
        guard access(path(name), F_OK) == 0 else { return nil }
        let temporary = ".old-" + Self.randomDigits()
        do throws(SystemError) {
            let store = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
            let layer = try Descriptor(opening: path(name), O_RDONLY | O_DIRECTORY)
            _ = try layer.lock(waiting: false)
            guard try Descriptor.rename(name, to: temporary, in: store.number) else { return nil }
            return RetiredLayer(path: path(temporary), lock: layer.release())
        } catch {
            throw EngineError(error, .path(path(name)))
        }
    }

    /// Directories that a crash has left half-made or half-removed.
    func leftovers() throws(EngineError) -> [RetiredLayer] {
        do throws(SystemError) {
            let store = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
            var found: [RetiredLayer] = []
            for name in try store.entryNames() where name.hasPrefix(".") {
                let layer = try Descriptor(opening: path(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
                if try layer.lock(waiting: false) {
                    found.append(RetiredLayer(path: path(name), lock: layer.release()))
                }
            }
            return found
        } catch {
            throw EngineError(error, .path(directory))
        }
    }

    /// The names of all layers that are there.
    func names() throws(EngineError) -> [String] {
        do throws(SystemError) {
            return try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY).entryNames().filter { !$0.hasPrefix(".") }
        } catch {
            throw EngineError(error, .path(directory))
        }
    }

    static func randomDigits() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }
}

/// A layer's directory on its way out: nobody finds it any more.
final class RetiredLayer: Sendable {
    let path: String
    private let lock: Descriptor

    init(path: String, lock: CInt) {
        self.path = path
        self.lock = Descriptor(number: lock)
    }

    /// Removes it and returns the bytes of disk that this gave back.
    func finish() throws(EngineError) -> Int64 {
        let bytes = DiskUsage.bytes(below: path)
        try TreeRemoval.remove(path)
        return bytes
    }
}

/// A layer's directory while it is being made. Forgotten before it is published, it goes away.
final class LayerDraft: Sendable {
    let name: String
    let path: String
    /// The open directory, locked for as long as this lives.
    let root: Descriptor
    private let isKept = Atomic(false)

    init(in directory: String) throws(EngineError) {
        while true {
            let name = ".new-" + LayerStore.randomDigits()
            let path = directory + "/" + name
            guard mkdir(path, 0o755) == 0 else { throw EngineError.failed("mkdir \(path)", .path(path)) }
            // Whatever the process's umask is: this is a container's `/`.
            chmod(path, 0o755)
            if let number = try Self.lock(path) {
                self.name = name
                self.path = path
                root = Descriptor(number: number)
                return
            }
        }
    }

    /// Takes over a directory that is full already, such as an upper directory, under a name of its own.
    init(adopting source: String, in directory: String) throws(EngineError) {
        let name = ".new-" + LayerStore.randomDigits()
        do throws(SystemError) {
            // Locked before it has its new name: a sweep never sees it free.
            let root = try Descriptor(opening: source, O_RDONLY | O_DIRECTORY)
            guard try root.lock(waiting: false) else { throw SystemError(step: "lock \(source)", number: EWOULDBLOCK) }
            try attempt("rename \(source)") { rename(source, directory + "/" + name) }
            self.root = Descriptor(number: root.release())
        } catch {
            throw EngineError(error, .path(source))
        }
        self.name = name
        path = directory + "/" + name
    }

    /// A sweep may come between making and locking: then the directory that is locked has no name any more.
    private static func lock(_ path: String) throws(EngineError) -> CInt? {
        do throws(SystemError) {
            let root = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
            guard try root.lock(waiting: false), access(path, F_OK) == 0 else { return nil }
            return root.release()
        } catch {
            if error.number == ENOENT { return nil }
            throw EngineError(error, .path(path))
        }
    }

    /// It has its name now and stays.
    func keep() { isKept.store(true, ordering: .releasing) }

    deinit {
        // What cannot be removed now is found by the next sweep.
        if !isKept.load(ordering: .acquiring) { try? TreeRemoval.remove(path) }
    }
}
