// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Linux
import MonitorProtocol

extension LocalContainers {
    func copy(_ request: CopyRequest) async throws -> CopyReport {
        switch (request.source, request.target) {
        case (.image(let name, _), .archive), (.image(let name, _), .host): return try await copy(request, from: name)
        case (_, .image):
            throw EngineError(.unsupported, .engine, "an image cannot be changed: copy into a container of it")
        case (.container, .container), (.image, .container):
            throw EngineError(.unsupported, .engine, "copying between containers is not supported")
        case (.container(let name, _), _), (_, .container(let name, _)):
            let record = try find(name)
            return try await onOwnThread { cancelled in
                try withRoot(of: record, name) { try copy(request, $0, cancelled) }
            }
        default: throw EngineError(.invalid, .engine, "must specify at least one container source")
        }
    }

    /// Out of an image, without a container.
    private func copy(_ request: CopyRequest, from name: ImageName) async throws -> CopyReport {
        let layers = try images.resolve(name).layerDirectories
        return try await onOwnThread { cancelled in
            let root: Descriptor
            do throws(SystemError) {
                root = try ImageRoot.mount(layers, at: core.paths.root + "/containers")
            } catch {
                throw EngineError(error, .image(name.text))
            }
            return try copy(request, CopySide(root: root, owner: .image(name.text)), cancelled)
        }
    }

    func entries(in directory: String, of name: ContainerName) async throws -> [DirectoryEntry] {
        let record = try find(name)
        return try await onOwnThread { _ in
            try withRoot(of: record, name, isForLooking: true) { root in
                do {
                    return try root.entries(directory)
                } catch let error as SystemError {
                    throw root.failure(directory, error)
                }
            }
        }
    }

    /// Calls `body` with a container's root: one that runs is seen as its programs see it, volumes included.
    ///
    /// A stopped container's layers and volumes are mounted where nobody else sees them: in a mount namespace of this very
    /// thread, which ends with it. The lock keeps everybody from starting the container meanwhile.
    /// - Parameter isForLooking: nothing is made and nobody is waited for.
    private func withRoot<Result>(
        of record: ContainerRecord, _ name: ContainerName, isForLooking: Bool = false,
        _ body: (borrowing CopySide) throws -> Result
    ) throws -> Result {
        if let started = record.isSettled ? nil : started(record.id) {
            return try body(CopySide(root: Self.root(of: started, record), owner: .container(record.name)))
        }
        let id = record.id
        let directory = files(id).directory
        guard let lock = try isForLooking ? ContainerLock.tryTaking(directory) : ContainerLock.take(directory) else {
            if isForLooking { throw EngineError(.conflict, .container(name.text), "container \(id) is in use") }
            throw EngineError.noSuchContainer(name)
        }
        return try withExtendedLifetime(lock) {
            guard let record = try core.database.read({ try ContainerRecord.find($0, id: id) }) else {
                throw EngineError.noSuchContainer(name)
            }
            if !record.isSettled, let started = started(id) {
                return try body(CopySide(root: Self.root(of: started, record), owner: .container(record.name)))
            }
            do {
                let root = try StoppedRoot.mount(record.definition, files(id), makesPlaces: !isForLooking)
                return try body(CopySide(root: root, owner: .container(record.name)))
            } catch let error as SystemError {
                throw EngineError(error, .container(record.name))
            }
        }
    }

    private static func root(
        of started: LaunchReport.Started, _ record: ContainerRecord
    ) throws(EngineError) -> Descriptor {
        do throws(SystemError) {
            let root = try Descriptor(opening: "/proc/\(started.pid)/root", Descriptor.pathOnly | O_DIRECTORY)
            // Asked after the root is open: it is this very process's.
            _ = try ProcessHandle(pid: started.pid, startTicks: started.startTicks)
            return root
        } catch {
            throw EngineError(
                .conflict, .container(record.name), "container \(record.id) has just ended", cause: error)
        }
    }

    private func copy(_ request: CopyRequest, _ container: borrowing CopySide, _ cancelled: CInt) throws -> CopyReport {
        let rules = CopyRules(followsLink: request.followsLink, keepsOwners: request.keepsOwners)
        switch (request.source, request.target) {
        case (.container(_, let path), .host(let target)), (.image(_, let path), .host(let target)):
            return try rules.copy(path, from: container, to: target, on: try host(request))
        case (.host(let path), .container(_, let target)):
            return try rules.copy(path, from: try host(request), to: target, on: container)
        case (.container(_, let path), .archive(let descriptor)), (.image(_, let path), .archive(let descriptor)):
            return try rules.pack(path, from: container, to: descriptor, cancelled: cancelled)
        case (.archive(let descriptor), .container(_, let target)):
            return try rules.unpack(descriptor, to: target, on: container, cancelled: cancelled)
        default: throw EngineError(.invalid, .engine, "must specify at least one container source")
        }
    }

    private func host(_ request: CopyRequest) throws -> CopySide {
        do {
            let root = try Descriptor(opening: request.directory, Descriptor.pathOnly | O_DIRECTORY)
            return CopySide(root: root, owner: .host)
        } catch {
            throw EngineError(error, .path(request.directory))
        }
    }
}

/// The root of a container that does not run.
private enum StoppedRoot {
    /// Mounts it in a mount namespace of this thread's own.
    ///
    /// - Parameter makesPlaces: whether mount points of volumes are made that a container that never started lacks.
    static func mount(
        _ definition: ContainerDefinition, _ files: ContainerFiles, makesPlaces: Bool
    ) throws(SystemError) -> Descriptor {
        try Namespaces.leave(.mount)
        try MountNamespace.setPropagation(.private)
        if definition.request.removesItself { VolatileMark.remove(files) }
        let overlay = try OverlayMount(
            lower: definition.lowerDirectories, upper: files.upper, work: files.work, links: files.directory)
        // Over the upper directory, which is seen here only by way of the overlay from now on.
        let root = try overlay.attach(at: files.upper)
        for bind in definition.request.binds { try show(bind, in: root, makesPlaces) }
        return root
    }

    private static func show(
        _ bind: BindMount, in root: borrowing Descriptor, _ makesPlaces: Bool
    ) throws(SystemError) {
        let isDirectory = PathKind(bind.source) == .directory
        guard let target = try place(bind.target, in: root, isDirectory, makesPlaces) else { return }
        let volume = try DetachedMount(cloning: bind.source, recursive: true)
        // As the container would see it: what it may not write, a copy into it may not either.
        if bind.isReadOnly { try volume.change(adding: .readOnly) }
        try volume.attach(over: target.number, named: bind.target)
    }

    /// The mount point, made where a container that never started has none yet; `nil` for a volume whose source is gone.
    private static func place(
        _ path: String, in root: borrowing Descriptor, _ isDirectory: Bool, _ isMade: Bool
    ) throws(SystemError) -> Descriptor? {
        let number = root.number
        func open(_ path: String) throws(SystemError) -> Descriptor? {
            do throws(SystemError) {
                return try Descriptor(opening: path, below: number, .insideRoot, Descriptor.pathOnly)
            } catch {
                if error.number == ENOENT { return nil }
                throw error
            }
        }
        if let there = try open(path) { return there }
        guard isMade else { return nil }
        let parts = path.split(separator: "/")
        var made = ""
        for (index, part) in parts.enumerated() {
            let parent = made
            made += "/" + part
            if try open(made) != nil { continue }
            guard let directory = try open(parent.isEmpty ? "/" : parent) else { return nil }
            let name = String(part)
            if index < parts.count - 1 || isDirectory {
                try attempt("mkdir \(made)") { mkdirat(directory.number, name, 0o755) }
            } else {
                try attempt("mknod \(made)") { mknodat(directory.number, name, S_IFREG | 0o644, 0) }
            }
        }
        return try open(path)
    }
}
