// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc

/// A mark that this process carries a container's streams, for as long as the value lives.
///
/// It is a locked file of the person's own, `$XDG_STATE_HOME/dsh/attached/<id>`. Whoever is killed leaves the file and loses
/// the lock: that is how the next prompt knows of a container that goes on running without its `run`.
public final class AttachedNote: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Leaves the mark; `nil` where it cannot be left, which is no reason not to run a container.
    init?(_ id: ContainerID) {
        guard let directory = Self.directory, Self.makeDirectory(directory) else { return nil }
        let path = directory + "/" + id.text
        // Locked before it has its name, so that nobody takes it for abandoned in between.
        let draft = "\(directory)/.\(id.text).\(getpid())"
        let descriptor = open(draft, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, rename(draft, path) == 0 else {
            unlink(draft)
            close(descriptor)
            return nil
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    /// The ids of containers whose client was killed, each of them once.
    public static func takeAbandoned() -> [String] {
        guard let directory, let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var ids: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            let descriptor = open(directory + "/" + name, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0, unlink(directory + "/" + name) == 0 { ids.append(name) }
            close(descriptor)
        }
        return ids
    }

    /// XDG Base Directory: state that is a person's own; `nil` without a home.
    private static var directory: String? {
        if let state = SessionState.environment("XDG_STATE_HOME"), state.hasPrefix("/") {
            return state + "/dsh/attached"
        }
        return SessionState.environment("HOME").map { $0 + "/.local/state/dsh/attached" }
    }

    private static func makeDirectory(_ path: String) -> Bool {
        if access(path, W_OK) == 0 { return true }
        var directory = ""
        for part in path.split(separator: "/") {
            directory += "/" + part
            if mkdir(directory, 0o700) != 0, errno != EEXIST { return false }
        }
        return true
    }
}
