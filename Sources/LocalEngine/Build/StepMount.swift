// SPDX-License-Identifier: Apache-2.0

import Archive
import Dockerfile
import Engine
import Glibc
import Linux
import OCI

/// A `--mount` of RUN with what it shows, found before it is known whether the command must run.
struct StepMount: Sendable {
    let mount: RunMount
    /// Absolute.
    let target: String
    /// Where its files are from; `nil` for one that begins empty.
    let origin: CopyOrigin?
    /// The files; `nil` for all that layers hold.
    let files: CopiedFiles?

    /// Everything that the command could see of it. What a cache holds is the one thing that decides nothing.
    func add(to key: inout StepKey) {
        key.add([
            mount.kind.rawValue, target, "\(mount.isReadOnly)", mount.id ?? "", mount.source ?? "",
            mount.variable ?? "",
            "\(mount.size ?? 0)", "\(mount.mode ?? 0)", "\(mount.user ?? 0):\(mount.group ?? 0)",
        ])
        if let files {
            key.add(files, countsOwners: origin?.needsMounts ?? false, countsModes: true)
        } else {
            key.add(origin?.chain?.description ?? "")
        }
    }

    /// What tells a person that another stage or image is mounted, by name and value.
    var settings: [String] {
        guard let from = mount.from?.text, let chain = origin?.chain else { return [] }
        return ["--mount=from=\(from)", chain.hex.prefix(12).description]
    }
}

/// The mounts of one RUN.
struct StepMounts: Sendable {
    var all: [StepMount] = []
    /// The files of those that are not layers; `nil` where there are none.
    var read: ReadFiles?
}

extension StepWork {
    /// Reads what the mounts of a command show.
    func sources(of command: RunCommand) async throws -> StepMounts {
        var mounts = StepMounts()
        let place = StepKey.place("run", run.context.place, "\(stage.stage.index)", instruction.source)
        let former = try stage.steps.inputs(at: place)
        var read = CopiedFiles()
        for mount in command.mounts {
            let target = state.absolute(mount.target ?? ".").withoutFinalSlash
            if target == "/", mount.kind != .secret {
                throw FileCopying.Conflict(sentence: "invalid mount target \"/\": a mount cannot hide the whole image")
            }
            guard let origin = try origin(of: mount) else {
                mounts.all.append(StepMount(mount: mount, target: target, origin: nil, files: nil))
                continue
            }
            let source = mount.source ?? "/"
            let isWhole = source.allSatisfy { $0 == "/" || $0 == "." }
            var files: CopiedFiles?
            if !origin.needsMounts || !isWhole { files = try await self.files([source], from: origin, knowing: former) }
            if let files, !origin.needsMounts {
                read.taken = read.sources.isEmpty ? files.taken : min(read.taken, files.taken)
                read.sources += files.sources
            }
            mounts.all.append(StepMount(mount: mount, target: target, origin: origin, files: files))
        }
        if !read.sources.isEmpty {
            await run.remember(inputs: read, at: place)
            mounts.read = ReadFiles(former: former, now: read, countsOwners: false, countsModes: true)
        }
        return mounts
    }

    private func origin(of mount: RunMount) throws -> CopyOrigin? {
        switch mount.kind {
        case .bind: try mount.from.map { try origin(named: $0) } ?? .context
        case .cache: try mount.from.map { try origin(named: $0) }
        case .tmpfs, .secret, .ssh: nil
        }
    }

    // MARK: For a command that runs

    /// Puts a mount into a step's container.
    func add(_ mount: StepMount, _ number: Int, to step: inout StepRun) async throws {
        switch mount.mount.kind {
        case .tmpfs:
            let options = mount.mount.size.map { "size=\($0)" } ?? ""
            step.temporaryFilesystems.append(TemporaryFilesystem(target: mount.target, options: options))
        case .cache:
            let cache = try await BuildCacheDirectory.open(mount, self)
            step.caches.append(cache)
            step.binds.append(BindMount(source: cache.path, target: mount.target, isReadOnly: mount.mount.isReadOnly))
        case .secret: try addSecret(mount.mount, step.scratch.files.directory + "/mount-\(number)", to: &step)
        case .bind: try await addBind(mount, to: &step)
        case .ssh: throw FileCopying.Conflict(sentence: "RUN --mount=type=ssh is not there: dsh has no agent to ask")
        }
    }

    /// Layers are stacked anew for the command, and files of a context copied: it sees what was read for the key, whatever
    /// happens to the originals, and what it writes is thrown away.
    private func addBind(_ mount: StepMount, to step: inout StepRun) async throws {
        let place = mount.files?.sources.first?.place ?? []
        if case .layers(let lower, _)? = mount.origin {
            let containers = builds.containers
            let scratch = try await ImageWork.run { _ in try BuildScratch(containers, over: lower) }
            step.layerBinds.append(
                LayerBind(
                    scratch: scratch, place: String(decoding: place, as: UTF8.self), target: mount.target,
                    isReadOnly: mount.mount.isReadOnly))
            return
        }
        let (scratch, path) = try await copied(mount)
        step.copies.append(scratch)
        step.binds.append(BindMount(source: path, target: mount.target, isReadOnly: mount.mount.isReadOnly))
    }

    /// A copy of what a mount shows, in a directory of its own, and its path there.
    func copied(_ mount: StepMount) async throws -> (BuildScratch, path: String) {
        let (containers, context) = (builds.containers, run.context)
        return try await StepThread.run { work in
            guard let origin = mount.origin, let files = mount.files, let source = files.sources.first else {
                throw FileCopying.Conflict(sentence: "there is nothing to mount on \(mount.target)")
            }
            let scratch = try BuildScratch(containers, over: [])
            if origin.needsMounts { try StepThread.enterMounts() }
            let opened = try origin.open(containers, context)
            defer { opened.close() }
            let root = try Descriptor(opening: scratch.files.upper, O_RDONLY | O_DIRECTORY)
            let attributes = FileCopying.Attributes(keepsOwners: origin.needsMounts)
            var copying = FileCopying(root: root.number, attributes: attributes) {
                if work.interrupt.isRaised { throw CancellationError() }
            }
            let name = source.name.isEmpty ? "all" : String(decoding: source.name, as: UTF8.self)
            try copying.copy(source, from: opened.tree, to: "/" + name)
            let path = scratch.files.upper + "/" + name
            if let first = source.files.first, first.isDirectory {
                try attempt("chmod \(path)") { chmod(path, first.permissions) }
                if origin.needsMounts { try attempt("chown \(path)") { chown(path, first.owner, first.group) } }
            }
            return (scratch, path)
        }
    }

    private func addSecret(_ mount: RunMount, _ path: String, to step: inout StepRun) throws {
        let id = mount.id ?? mount.source ?? mount.target?.split(separator: "/").last.map(String.init) ?? ""
        guard let secret = run.request.secrets[id] else {
            if mount.isRequired {
                throw FileCopying.Conflict(sentence: "secret \(id): not found: --secret id=\(id),src=FILE gives it")
            }
            return
        }
        if let variable = mount.variable {
            step.environment.append("\(variable)=\(String(decoding: secret, as: UTF8.self))")
            if mount.target == nil { return }
        }
        try SmallFile.write(secret, to: path, mode: mode_t(mount.mode ?? 0o400))
        if mount.user != nil || mount.group != nil, chown(path, mount.user ?? 0, mount.group ?? 0) != 0 {
            throw EngineError.failed("chown \(path)", .path(path))
        }
        let target = state.absolute(mount.target ?? "/run/secrets/\(id)")
        step.binds.append(BindMount(source: path, target: target, isReadOnly: true))
    }
}
