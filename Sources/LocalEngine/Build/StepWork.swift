// SPDX-License-Identifier: Apache-2.0

import Archive
import Dockerfile
import Engine
import Linux
import OCI
import Synchronization

/// Does one instruction that makes a layer: takes it from the cache, or makes it.
struct StepWork: Sendable {
    let stage: StageBuild
    /// Its words are expanded.
    let instruction: Instruction
    let step: BuildStep
    /// The stage as this step finds it.
    let state: StageState

    var run: BuildRun { stage.run }
    var builds: LocalBuilds { run.builds }

    /// What came of it.
    struct Result: Sendable {
        let finished: FinishedStep
        let isFromCache: Bool
    }

    /// The directories of the layers so far, topmost first.
    func directories(_ state: StageState) -> [String] {
        state.layers.reversed().map { builds.images.layers.path($0.directory) }
    }

    func perform(_ progress: inout StageProgress) async throws -> Result {
        switch instruction.operation {
        case .workdir(let word): return try await workdir(state.absolute(word.text).withoutFinalSlash, &progress)
        case .copy(let copy), .add(let copy): return try await self.copy(copy, &progress)
        case .run(let command): return try await self.run(command, &progress)
        default: throw EngineError(.system, .engine, "\(instruction.name.text) makes no layer")
        }
    }

    // MARK: The cache

    /// The layer of a finished step, or the one that `make` makes now.
    ///
    /// - Parameter files: what it read in the former build and reads now, where it reads any.
    func finish(
        _ key: StepKey, _ progress: inout StageProgress, files: ReadFiles? = nil,
        make: () async throws -> UnpackedDraft
    ) async throws -> Result {
        let digits = key.digits
        func found() async throws -> Result? {
            guard progress.looksUp, let found = try stage.steps.find(digits) else { return nil }
            await run.remember(used: digits)
            run.tell(.explained(step, .unchanged(files: files?.now.count)))
            return Result(finished: found, isFromCache: true)
        }
        if let result = try await found() { return result }
        // Another build may be doing the same just now; then it is done once.
        let lock = try await StepLock.take(key, builds.images.core.paths)
        defer { withExtendedLifetime(lock) {} }
        if let result = try await found() { return result }
        let reason = progress.miss { files?.changes ?? [] }
        run.tell(.explained(step, reason))
        if reason.endsCache { run.tell(.missed(step, reason: "\(reason)")) }
        let layer = try await make()
        let instruction = instruction.source
        let steps = stage.steps
        let finished = try await ImageWork.run { _ in try steps.add(layer, key: digits, instruction: instruction) }
        await run.remember(used: digits)
        return Result(finished: finished, isFromCache: false)
    }

    /// Makes a layer on a thread of its own, which has a mount namespace of its own.
    func layer(_ body: @escaping @Sendable (BuildScratch, ImageWork) throws -> Void) async throws -> UnpackedDraft {
        let (containers, intake) = (builds.containers, builds.images.intake)
        let (lower, epoch) = (directories(state), run.request.epoch)
        let scratch = try await StepThread.run { work in
            let scratch = try BuildScratch(containers, over: lower)
            try StepThread.enterMounts()
            // Whatever came of it: a directory that is mounted on cannot be removed. `body` may not have come so far.
            defer { try? StepThread.leaveMounts(of: scratch) }
            try BuildPoint.copyFiles.begin()
            try body(scratch, work)
            return scratch
        }
        // Not on that thread: what it opens is of other mounts, and cannot be named among these.
        return try await ImageWork.run { _ in
            try BuildPoint.takeLayer.begin()
            return try intake.take(directory: scratch.files.upper, latest: epoch)
        }
    }

    // MARK: FROM a directory

    /// The layer that a named context is, as a base.
    func context(_ path: String, _ progress: inout StageProgress) async throws -> Result {
        let place = StepKey.place("base", run.context.place, "\(stage.stage.index)", path)
        let former = try stage.steps.inputs(at: place)
        let origin = CopyOrigin.directory(path)
        let files = try await files(["/"], from: origin, knowing: former)
        await run.remember(inputs: files, at: place)
        var key = StepKey("base", below: nil)
        key.add(files, countsOwners: false, countsModes: true)
        progress.depends(key: key.digits)
        let read = ReadFiles(former: former, now: files, countsOwners: false, countsModes: true)
        let (containers, context) = (builds.containers, run.context)
        return try await finish(key, &progress, files: read) {
            try await layer { scratch, work in
                let root = try scratch.mountOnceMore()
                let tree = try origin.open(containers, context).tree
                var copying = FileCopying(root: root.number, attributes: .init()) {
                    if work.interrupt.isRaised { throw CancellationError() }
                }
                for source in files.sources { try copying.copy(source, from: tree, to: "/") }
            }
        }
    }

    // MARK: WORKDIR

    private func workdir(_ path: String, _ progress: inout StageProgress) async throws -> Result {
        var key = StepKey("workdir", below: state.chain)
        let user = state.settings.user ?? ""
        key.add([path, user])
        progress.depends(key: key.digits, settings: ["WORKDIR", path, "USER", user])
        return try await finish(key, &progress) {
            try await layer { scratch, work in
                try StepCopy(scratch: scratch, interrupt: work.interrupt).makeDirectory(path, ownedBy: user)
            }
        }
    }
}

/// Threads that mount what only they see.
enum StepThread {
    /// Runs `body` on a thread of its own. What it throws stays as it is, but for what comes from the kernel or an archive.
    static func run<Value: Sendable>(_ body: @escaping @Sendable (ImageWork) throws -> Value) async throws -> Value {
        let outcome: Result<Value, any Error> = try await ImageWork.run { work in
            do { return .success(try body(work)) } catch let error as SourceTree.Missing {
                return .failure(error)
            } catch let error as FileCopying.Conflict {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Mounts of this thread are nobody else's from now on.
    static func enterMounts() throws(SystemError) {
        try Namespaces.leave(.mount)
        try MountNamespace.setPropagation(.private)
    }

    /// Unmounts a step's root: its upper directory is seen as it is again.
    static func leaveMounts(of scratch: BuildScratch) throws(SystemError) {
        try MountNamespace.unmount(scratch.files.upper)
    }
}
