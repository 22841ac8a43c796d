// SPDX-License-Identifier: Apache-2.0

import Dockerfile
import Engine
import OCI

/// One build: its stages, each as soon as those that it needs are done.
actor BuildRun {
    let request: BuildRequest
    let context: BuildContext
    let plan: BuildPlan
    let builds: LocalBuilds
    private let observer: BuildObserver?
    private(set) var memory = BuildMemory()

    init(
        request: BuildRequest, context: BuildContext, plan: BuildPlan, builds: LocalBuilds, observer: BuildObserver?
    ) {
        self.request = request
        self.context = context
        self.plan = plan
        self.builds = builds
        self.observer = observer
    }

    /// Builds the stages that the target needs: those that do not need each other side by side.
    func run() async throws -> StageState {
        var finished: [Int: StageState] = [:]
        var waiting = plan.plan.needed
        try await withThrowingTaskGroup(of: (Int, StageState).self) { group in
            var running = 0
            while finished[plan.plan.target] == nil {
                for index in waiting where plan.graph.stages[index].neededStages.allSatisfy({ finished[$0] != nil }) {
                    let stage = StageBuild(run: self, stage: plan.graph.stages[index], finished: finished)
                    group.addTask { (index, try await stage.build()) }
                    waiting.removeAll { $0 == index }
                    running += 1
                }
                guard running > 0, let (index, state) = try await group.next() else { break }
                running -= 1
                finished[index] = state
            }
        }
        guard let result = finished[plan.plan.target] else {
            throw EngineError(.system, .engine, "stage \(plan.plan.target) was never built")
        }
        return result
    }

    nonisolated func tell(_ event: BuildEvent) { observer?(event) }

    func remember(inputs: CopiedFiles, at place: String) { memory.inputs[place] = inputs }
    func remember(_ stage: RememberedStage, at place: String) { memory.stages[place] = stage }
    func remember(used key: String) { memory.used.append(key) }
}
