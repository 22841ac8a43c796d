// SPDX-License-Identifier: Apache-2.0

import Dockerfile
import Engine
import OCI

extension StepWork {
    func run(_ command: RunCommand, _ progress: inout StageProgress) async throws -> Result {
        let words: [String]
        var script: (name: String, content: String)?
        switch command.start {
        case .shell(let line): words = state.shell + [line]
        case .exec(let list): words = list
        case .script(let name, let content):
            words = ["/dev/pipes/\(name)"]
            script = (name, content)
        }
        if let security = command.security, security == .insecure {
            throw FileCopying.Conflict(sentence: "RUN --security=insecure is not allowed")
        }
        let environment = state.variables.runEnvironment
        let network = try network(of: command)
        var key = StepKey("run", below: state.chain)
        key.add(words)
        key.add(environment)
        key.add([state.settings.user ?? "", state.directory, "\(network)", script?.content ?? ""])
        let hosts = run.request.hosts.map { "\($0.name):\($0.address?.description ?? "host-gateway")" }
        key.add(hosts)
        let mounts = try await sources(of: command)
        for mount in mounts.all { mount.add(to: &key) }
        progress.depends(
            key: key.digits, environment: environment,
            settings: [
                "SHELL", state.shell.joined(separator: " "), "USER", state.settings.user ?? "", "WORKDIR",
                state.directory,
                "--network", "\(network)", "--add-host", hosts.joined(separator: " "), "here-document",
                script?.content ?? words.joined(separator: " "),
            ] + mounts.all.flatMap(\.settings))

        return try await finish(key, &progress, files: mounts.read) {
            let (containers, lower) = (builds.containers, directories(state))
            let scratch = try await ImageWork.run { _ in try BuildScratch(containers, over: lower) }
            var step = StepRun(containers: containers, scratch: scratch)
            step.command = words
            step.environment = environment + run.plan.global.proxyEnvironment
            step.user = state.settings.user ?? ""
            step.directory = state.directory
            step.network = network
            step.hosts = run.request.hosts
            if let script {
                let path = scratch.files.directory + "/script"
                try SmallFile.write(script.content.utf8, to: path, mode: 0o755)
                step.binds.append(BindMount(source: path, target: words[0], isReadOnly: true))
            }
            for (number, mount) in mounts.all.enumerated() { try await add(mount, number, to: &step) }
            let status = try await carry(out: step)
            guard status == 0 else { throw failure(words, status) }
            let (intake, epoch) = (builds.images.intake, run.request.epoch)
            return try await ImageWork.run { _ in
                try BuildPoint.takeLayer.begin()
                return try intake.take(directory: scratch.files.upper, latest: epoch)
            }
        }
    }

    private func network(of command: RunCommand) throws -> NetworkChoice {
        switch command.network {
        case nil, .default?: run.request.network
        case .none?: .none
        case .host?: .host
        }
    }

    private func carry(out runner: StepRun) async throws -> Int32 {
        let (run, step) = (run, step)
        return try await runner { stream, bytes in run.tell(.output(step, stream, bytes)) }
    }

    private func failure(_ words: [String], _ status: Int32) -> BuildFailure {
        let text = run.context.dockerfile
        return BuildFailure(
            step: step, place: "\(text.name):\(text.position(of: instruction.span.start).line)",
            reason: "process \"\(words.joined(separator: " "))\" did not complete successfully: exit code: \(status)",
            status: status, lastLines: [])
    }
}
