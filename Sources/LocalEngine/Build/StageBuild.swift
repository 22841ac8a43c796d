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
        let former = try steps.words(at: place)
        var progress = StageProgress(former: former, mayUseCache: usesCache)
        let all = [stage.from] + instructions
        for (number, instruction) in all.enumerated() {
            try Task.checkCancellation()
            let step = BuildStep(
                number: number + 1, total: all.count,
                stage: run.plan.graph.stages.count > 1 ? stage.displayName : nil, instruction: instruction.source,
                id: stage.index * 10_000 + number)
            do {
                try await perform(instruction, step, &state, &progress)
            } catch {
                throw failure(error, of: step, instruction)
            }
        }
        await run.remember(words: progress.words, at: place)
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
            return (state, [])
        case .scratch: return (StageState(variables: variables([])), [])
        case .context(let name):
            throw EngineError(
                .unsupported, .engine, "a stage cannot be built on the context \(name) yet: COPY --from=\(name) can")
        case .image(let name):
            var state = try run.builds.images.stageState(ImageName(name), variables: variables)
            let triggers = try (state.settings.onBuild ?? []).map { try DockerfileDocument.parseTrigger($0) }
            state.settings.onBuild = nil
            return (state, triggers)
        }
    }

    private func variables(_ environment: [String]) -> StageVariables {
        StageVariables(environment: environment, global: run.plan.global, directives: document.directives)
    }

    private func perform(
        _ instruction: Instruction, _ step: BuildStep, _ state: inout StageState, _ progress: inout StageProgress
    ) async throws {
        run.tell(.started(step))
        guard instruction.keyword != .from else {
            progress.begin("\(instruction.source) \(state.chain?.description ?? "")")
            return run.tell(.finished(step, fromCache: progress.isCached, size: nil))
        }
        let (expanded, _) = try state.variables.apply(instruction)
        progress.begin(instruction.source)
        if try state.configure(expanded) {
            state.note(instruction.source, madeLayer: false)
            return run.tell(.finished(step, fromCache: progress.isCached, size: nil))
        }
        state.settings.environment = state.variables.environment
        let work = StepWork(stage: self, instruction: expanded, step: step, state: state)
        let result = try await work.perform(&progress)
        state.layers.append(result.finished.layer)
        state.created =
            request.epoch.map { Timestamp(nanoseconds: $0 * 1_000_000_000).rfc3339 }
            ?? Timestamp(nanoseconds: result.finished.created).rfc3339
        if case .workdir(let word) = expanded.operation {
            state.settings.workingDirectory = state.absolute(word.text).withoutFinalSlash
        }
        state.note(result.words, madeLayer: true)
        run.tell(.finished(step, fromCache: result.isFromCache, size: ByteCount(result.finished.layer.size)))
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

/// How far a stage has come, compared with the last build of the same file.
struct StageProgress: Sendable {
    /// The words of the former build's instructions.
    let former: [String]
    private let mayUseCache: Bool
    private(set) var words: [String] = []
    /// Whether every step so far was done before.
    private(set) var isCached: Bool

    init(former: [String], mayUseCache: Bool) {
        self.former = former
        self.mayUseCache = mayUseCache
        isCached = mayUseCache && !former.isEmpty
    }

    /// Whether a finished step may be looked up.
    var looksUp: Bool { mayUseCache }

    mutating func begin(_ text: String) {
        let index = words.count
        words.append(text)
        if !former.indices.contains(index) || former[index] != text { isCached = false }
    }

    /// A step was not in the cache: nothing after it counts as such.
    mutating func miss() { isCached = false }

    /// Why the present instruction is not the former one; `nil` where it is, or where there was none.
    var changedWords: String? {
        guard mayUseCache, !former.isEmpty, let now = words.last else { return nil }
        let index = words.count - 1
        guard former.indices.contains(index) else { return "the instruction is new" }
        return former[index] == now ? nil : "the instruction was: \(former[index])"
    }
}

extension String {
    var withoutFinalSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
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
