// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux

/// The directory of one step: an upper directory over the layers so far. What crashed builders leave is found by
/// `system check`, like a container's directory without a row.
final class BuildScratch: Sendable {
    let id: ContainerID
    let files: ContainerFiles
    /// Topmost first.
    let lower: [String]
    private let lock: ContainerLock

    /// - Parameter lower: the directories of the layers, topmost first.
    init(_ containers: LocalContainers, over lower: [String]) throws {
        id = ContainerID.random()
        files = containers.files(id)
        self.lower = lower
        lock = try ContainerLock.make(files.directory)
        do {
            try BuildPoint.makeDirectory.begin()
            try containers.makeLayer(files, below: lower)
        } catch {
            // Whatever is left is found by `system check`.
            try? TreeRemoval.remove(files.directory)
            throw error
        }
    }

    // What cannot be removed now is found by `system check`.
    deinit { try? TreeRemoval.remove(files.directory) }

    /// Mounts the layers with the upper directory on them, where only this thread sees it: it must be one of its own.
    func mount() throws(SystemError) -> Descriptor {
        try Namespaces.leave(.mount)
        try MountNamespace.setPropagation(.private)
        return try mountOnceMore()
    }

    /// The same where this thread has a mount namespace of its own already.
    func mountOnceMore() throws(SystemError) -> Descriptor {
        // A directory without anything in it: a stage may begin with no layer at all.
        let base = files.directory + "/base"
        if lower.isEmpty { try attempt("mkdir \(base)") { mkdir(base, 0o755) } }
        let overlay = try OverlayMount(
            lower: lower.isEmpty ? [base] : lower, upper: files.upper, work: files.work, isVolatile: true,
            links: files.directory)
        // Over the upper directory, which is seen here only by way of the overlay from now on.
        return try overlay.attach(at: files.upper)
    }
}
