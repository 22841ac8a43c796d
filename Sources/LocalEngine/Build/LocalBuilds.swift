// SPDX-License-Identifier: Apache-2.0

import Content
import Dockerfile
import Engine
import OCI

/// Makes images from Dockerfiles, on this machine.
struct LocalBuilds: BuildOperations {
    let images: LocalImages
    let containers: LocalContainers

    private var steps: StepStore { StepStore(images: images) }

    func build(_ request: BuildRequest, observer: BuildObserver?) async throws -> BuiltImage {
        let names = try request.names.map { name in
            let reference = try LocalImages.reference(name)
            guard reference.digest == nil else {
                throw EngineError(.invalid, .image(name.text), "invalid tag \"\(name.text)\": invalid reference format")
            }
            return reference.withDefaultTag
        }
        let (context, plan) = try await prepare(request)
        let build = BuildRun(request: request, context: context, plan: plan, builds: self, observer: observer)
        if !plan.skippedNames.isEmpty { observer?(.skipped(stages: plan.skippedNames)) }
        let result: StageState
        do {
            result = try await build.run()
        } catch {
            // What is done stays done, whatever came after it.
            try steps.note(await build.memory)
            throw error
        }
        try steps.note(await build.memory)
        let id = try await store(result, request, names: names)
        try FailedStepKeeping(images).forget(context)
        return BuiltImage(
            id: id, names: names.map(\.familiar), warnings: plan.warnings + Self.notes(on: result, context.dockerfile))
    }

    func check(_ request: BuildRequest) async throws -> [BuildWarning] { try await prepare(request).plan.warnings }

    func cachedSteps() async throws -> [CachedStep] {
        try images.core.database.read { try BuildStepRecord.all($0) }.map { record in
            CachedStep(
                id: record.key, instruction: record.instruction, created: Timestamp(nanoseconds: record.created),
                used: Timestamp(nanoseconds: record.used), size: ByteCount(record.layer.size), isShared: record.isShared
            )
        }
    }

    func pruneCache(_ pruning: CachePruning) async throws -> PruneReport {
        try await images.pruneBuildCache(pruning)
    }

    /// What Docker does and never says.
    private static func notes(on state: StageState, _ text: DockerfileText) -> [BuildWarning] {
        guard let dropped = state.dropped else { return [] }
        let command = dropped.command.joined(separator: " ")
        let message = "ENTRYPOINT took away the CMD of the base (\(command)): write CMD again if it is wanted"
        return [
            BuildWarning(
                rule: "InheritedCommandDropped", message: message, url: "",
                place: text.report(message, at: dropped.span),
                line: text.position(of: dropped.span.start).line)
        ]
    }

    // MARK: Before and after the steps

    private func prepare(_ request: BuildRequest) async throws -> (context: BuildContext, plan: BuildPlan) {
        let (containers, images) = (containers, images)
        return try await ImageWork.run { work in
            try BuildPoint.openContext.begin()
            let context = try BuildContext(request, containers, work.interrupt)
            return (context, try BuildPlan(request, context, images))
        }
    }

    private func store(_ state: StageState, _ request: BuildRequest, names: [Reference]) async throws -> ImageID {
        let images = images
        return try await ImageWork.run { work in
            try BuildPoint.storeImage.begin()
            let diffIDs = state.layers.map(\.diffID)
            var configuration = ImageConfiguration(platform: .current, diffIDs: diffIDs)
            configuration.created = state.created ?? Timestamp(nanoseconds: 0).rfc3339
            configuration.author = state.author
            configuration.config = state.settings
            if !request.labels.isEmpty {
                configuration.config?.labels = (state.settings.labels ?? [:]).merging(request.labels) { $1 }
            }
            configuration.history = state.history
            let bytes = try ImageDocument.bytes(configuration)
            let image = PlannedImage(
                id: try ImageID(parsing: DigestHasher.digest(of: bytes).description), configuration: bytes,
                decoded: configuration, manifest: nil, names: names,
                layers: diffIDs.map { .init(path: "", diffID: $0, blob: nil, length: nil) })
            let assembly = ImageAssembly(images, work, drafts: [])
            try assembly.stage(image)
            do { try assembly.commit() } catch is ImageAssembly.StoreChanged {
                throw EngineError(.conflict, .engine, "the cache was pruned while this was built: build again")
            }
            return image.id
        }
    }
}

/// A Dockerfile, read, and what of it has to be built.
struct BuildPlan: Sendable {
    let document: DockerfileDocument
    let global: GlobalArguments
    let graph: StageGraph
    let plan: StageGraph.Plan
    let warnings: [BuildWarning]

    /// Names of the stages that are not built.
    var skippedNames: [String] { plan.skipped.map { graph.stages[$0].displayName } }

    init(_ request: BuildRequest, _ context: BuildContext, _ images: LocalImages) throws {
        let text = context.dockerfile
        do {
            document = try DockerfileDocument.parse(text)
            var inputs = BuildInputs(arguments: request.arguments, target: request.target)
            if let platform = request.platform { inputs.targetPlatform = try Self.platform(platform) }
            global = try GlobalArguments(document, inputs)
            graph = try StageGraph(document, global, contexts: Set(request.contexts.keys))
            plan = try graph.plan(target: request.target)
            let found = try Lint.check(document, global, stages: Set(plan.needed)) { name in
                // An image that is missing is met when its stage begins.
                guard let found = try? images.resolve(ImageName(name)) else { return nil }
                return Lint.BaseFacts(environment: found.settings.environment, hasShell: found.settings.shell != nil)
            }
            warnings = found.map { BuildWarning($0, in: text) }
        } catch let error as DockerfileError {
            throw Self.failure(error, in: text)
        }
    }

    /// A mistake in the file, with its place and the line.
    static func failure(_ error: DockerfileError, in text: DockerfileText) -> EngineError {
        EngineError(.invalid, .path(text.name), error.report(in: text), cause: error)
    }

    private static func platform(_ text: String) throws -> Platform {
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count >= 2 else { throw EngineError(.invalid, .engine, "invalid platform: \"\(text)\": OS/ARCH") }
        let platform = Platform(os: parts[0], architecture: parts[1], variant: parts.count > 2 ? parts[2] : nil)
        guard platform.os == Platform.current.os, platform.architecture == Platform.current.architecture else {
            throw EngineError(
                .unsupported, .engine, "this machine is \(Platform.current): images for \(text) cannot be built here")
        }
        return platform
    }
}

extension BuildWarning {
    fileprivate init(_ warning: LintWarning, in text: DockerfileText) {
        let line = text.position(of: warning.span.start).line
        self.init(
            rule: warning.rule.rawValue, message: warning.message, url: warning.rule.page ?? "",
            place: text.report(warning.message, at: warning.span), line: line)
    }
}

extension LocalImages {
    /// Forgets steps, and removes the layers that nothing has any more.
    func pruneBuildCache(_ pruning: CachePruning) async throws -> PruneReport {
        let paths = core.paths
        return try await ImageWork.run { _ in
            var lines: [String] = []
            let oldest = pruning.unusedFor.map { LocalImages.now - $0.components.seconds * 1_000_000_000 }
            let (_, reclaimed) = try removing { removal in
                var kept: Int64 = 0
                var gone: [String] = []
                for step in try BuildStepRecord.all(removal.database) {
                    if step.isShared, !pruning.all { continue }
                    if let oldest, step.used > oldest { continue }
                    kept += step.layer.stored
                    if let keeping = pruning.keeping, kept <= keeping.bytes { continue }
                    gone.append(step.key)
                }
                try BuildStepRecord.remove(gone, removal.database)
                if pruning.keeping == nil, pruning.unusedFor == nil { try FailedStepRecord.remove(removal.database) }
                try removal.removeUnusedLayers()
                lines = gone
            }
            // What is kept by its size or by its age is steps: a cache of RUN has neither.
            guard pruning.keeping == nil, pruning.unusedFor == nil else {
                return PruneReport(removed: lines, reclaimed: ByteCount(reclaimed))
            }
            let caches = try BuildCacheDirectory.removeUnused(paths)
            return PruneReport(removed: lines + caches.names, reclaimed: ByteCount(reclaimed + caches.bytes))
        }
    }
}
