// SPDX-License-Identifier: Apache-2.0

import Dockerfile
import Engine
import OCI

/// Builds one stage: its instructions one after another, each from the cache where it can be.
struct StageBuild: Sendable {
    let run: BuildRun
    let stage: StageGraph.Stage
    /// The stages that are done.
    let finished: [Int: StageState]

    var request: BuildRequest { run.request }
    var steps: StepStore { StepStore(images: run.builds.images) }
    private var document: DockerfileDocument { run.plan.document }

    /// Where this stage's memory is: the same context, the same file, the same stage.
    private var place: String { StepKey.place("stage", run.context.place, "\(stage.index)") }

    func build() async throws -> StageState {
        var (state, triggers) = try base()
        let instructions = triggers + stage.triggers + stage.instructions
        let all = [stage.from] + instructions
        var progress = StageProgress(
            former: try steps.stage(at: place).steps, mayUseCache: usesCache, all: all.map(\.source))
        for (number, instruction) in all.enumerated() {
            try Task.checkCancellation()
            let step = BuildStep(
                number: number + 1, total: all.count,
                stage: run.plan.graph.stages.count > 1 ? stage.displayName : nil, instruction: instruction.source,
                id: stage.index * 10_000 + number)
            do {
                try await perform(instruction, step, &state, &progress)
            } catch {
                progress.fail()
                await run.remember(RememberedStage(steps: progress.steps), at: place)
                throw await keep(failure(error, of: step, instruction), state, instruction)
            }
        }
        await run.remember(RememberedStage(steps: progress.steps), at: place)
        return state
    }

    private var usesCache: Bool {
        request.usesCache
            && !request.uncachedStages.contains { $0 == stage.name || $0 == "\(stage.index)" }
    }

    /// What this stage is built on, and the instructions that an image's ONBUILD brings along.
    private func base() throws -> (StageState, [Instruction]) {
        switch stage.base {
        case .stage(let index):
            guard var state = finished[index] else { throw EngineError(.system, .engine, "stage \(index) is not done") }
            state.setsCommand = false
            state.dropped = nil
            // Its triggers are this stage's instructions, and nobody's after it.
            state.settings.onBuild = nil
            return (state, [])
        case .scratch: return (StageState.empty(variables([])), [])
        case .context(let name):
            // The files of a directory become a layer when FROM is done.
            guard case .image(let image)? = request.contexts[name] else {
                return (StageState.empty(variables([])), [])
            }
            return try base(of: image)
        case .image(let name): return try base(of: ImageName(name))
        }
    }

    private func base(of image: ImageName) throws -> (StageState, [Instruction]) {
        var state = try run.builds.images.stageState(image, variables: variables)
        let triggers = try (state.settings.onBuild ?? []).map { try DockerfileDocument.parseTrigger($0) }
        state.settings.onBuild = nil
        return (state, triggers)
    }

    private func variables(_ environment: [String]) -> StageVariables {
        StageVariables(environment: environment, global: run.plan.global, directives: document.directives)
    }

    private func perform(
        _ instruction: Instruction, _ step: BuildStep, _ state: inout StageState, _ progress: inout StageProgress
    ) async throws {
        run.tell(.started(step))
        progress.begin(instruction.source)
        if case .from(let base) = instruction.operation {
            if case .context(let name) = stage.base, case .directory(let path)? = request.contexts[name] {
                let work = StepWork(stage: self, instruction: instruction, step: step, state: state)
                let result = try await work.context(path, &progress)
                return add(result, "FROM \(name) # buildkit", of: step, to: &state)
            }
            progress.depends(key: state.chain?.description ?? "")
            return finish(step, progress.base(base.base.text))
        }
        let (expanded, _) = try state.variables.apply(instruction)
        if try state.configure(expanded) {
            state.note(history(expanded, state), madeLayer: false)
            return finish(step, progress.reason)
        }
        state.settings.environment = state.variables.environment
        let work = StepWork(stage: self, instruction: expanded, step: step, state: state)
        if case .workdir(let word) = expanded.operation {
            let directory = state.absolute(word.text).withoutFinalSlash
            state.settings.workingDirectory = directory
            guard expanded.makesLayer(workingDirectory: directory) else {
                state.note(history(expanded, state), madeLayer: false)
                return finish(step, progress.reason)
            }
        }
        add(try await work.perform(&progress), history(expanded, state), of: step, to: &state)
    }

    private func history(_ instruction: Instruction, _ state: StageState) -> String? {
        instruction.historyText(
            shell: state.shell, variables: state.variables, workingDirectory: state.directory)
    }

    /// A step is done that made a layer.
    private func add(
        _ result: StepWork.Result, _ history: String?, of step: BuildStep, to state: inout StageState
    ) {
        state.layers.append(result.finished.layer)
        state.created =
            request.epoch.map { Timestamp(nanoseconds: $0 * 1_000_000_000).rfc3339 }
            ?? Timestamp(nanoseconds: result.finished.created).rfc3339
        state.note(history, madeLayer: true)
        run.tell(.finished(step, fromCache: result.isFromCache, size: ByteCount(result.finished.layer.size)))
    }

    /// A step is done that made no layer.
    private func finish(_ step: BuildStep, _ reason: CacheReason) {
        run.tell(.explained(step, reason))
        run.tell(.finished(step, fromCache: reason == .unchanged(files: nil), size: nil))
    }

    /// What leaves the engine for a step that failed.
    private func failure(_ error: any Error, of step: BuildStep, _ instruction: Instruction) -> any Error {
        if error is CancellationError { return error }
        run.tell(.failed(step))
        let text = run.context.dockerfile
        let place = "\(text.name):\(text.position(of: instruction.span.start).line)"
        func wrapped(_ reason: String, status: Int32? = nil) -> BuildFailure {
            BuildFailure(step: step, place: place, reason: reason, status: status, lastLines: [])
        }
        switch error {
        case let failure as BuildFailure: return failure
        case let failure as DockerfileError: return BuildPlan.failure(failure, in: text)
        case let failure as SourceTree.Missing: return wrapped(failure.sentence)
        case let failure as FileCopying.Conflict: return wrapped(failure.sentence)
        case let failure as EngineError where failure.code == .notFound && instruction.keyword == .from: return failure
        case let failure as EngineError:
            let status: Int32? =
                switch failure.code {
                case .programNotFound: 127
                case .programNotInvocable: 126
                default: nil
                }
            return wrapped(failure.message, status: status)
        default: return wrapped("\(ImageWork.engineError(error))")
        }
    }
}

extension String {
    var withoutFinalSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }

    /// An absolute path without `.`, `..` and doubled slashes, links not looked at.
    var withoutDots: String {
        var parts: [Substring] = []
        for part in split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

extension LocalImages {
    /// An image as what a stage begins with.
    func stageState(_ name: ImageName, variables: ([String]) -> StageVariables) throws -> StageState {
        let (record, layers) = try core.database.read { database in
            let record = try database.image(name).record
            return (record, try LayerRecord.of(image: record.id.text, database))
        }
        let configuration = try ImageConfiguration(reading: record)
        let settings = configuration.config ?? .init()
        var state = StageState(variables: variables(settings.environment ?? []))
        state.layers = layers
        state.settings = settings
        state.settings.environment = state.variables.environment
        state.history = configuration.history ?? []
        state.created = configuration.created
        state.author = configuration.author
        return state
    }
}
