// SPDX-License-Identifier: Apache-2.0

import Dockerfile
import Engine
import Glibc
import Linux
import OCI
import Synchronization

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
        key.add(command.mountFlags.map(\.text))
        progress.depends(
            key: key.digits, environment: environment,
            settings: [
                "SHELL", state.shell.joined(separator: " "), "USER", state.settings.user ?? "", "WORKDIR",
                state.directory,
                "--network", "\(network)", "here-document", script?.content ?? words.joined(separator: " "),
            ])

        let text = "RUN " + words.joined(separator: " ")
        return try await finish(key, text, &progress) {
            let (containers, lower) = (builds.containers, directories(state))
            let scratch = try await ImageWork.run { _ in try BuildScratch(containers, over: lower) }
            var step = StepRun(containers: containers, scratch: scratch)
            step.command = words
            step.environment = environment + run.plan.global.proxyEnvironment
            step.user = state.settings.user ?? ""
            step.directory = state.directory
            step.network = network
            if let script {
                let path = scratch.files.directory + "/script"
                try SmallFile.write(script.content.utf8, to: path, mode: 0o755)
                step.binds.append(BindMount(source: path, target: words[0], isReadOnly: true))
            }
            for (number, mount) in command.mounts.enumerated() { try add(mount, number, to: &step) }
            let status = try await carry(out: step)
            guard status == 0 else { throw failure(words, status) }
            let (intake, epoch) = (builds.images.intake, run.request.epoch)
            return try await ImageWork.run { _ in try intake.take(directory: scratch.files.upper, latest: epoch) }
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

    // MARK: --mount

    private func add(_ mount: RunMount, _ number: Int, to step: inout StepRun) throws {
        let directory = step.scratch.files.directory + "/mount-\(number)"
        func target(_ name: String) -> String { state.absolute(mount.target ?? name).withoutFinalSlash }
        switch mount.kind {
        case .tmpfs:
            step.temporaryFilesystems.append(
                TemporaryFilesystem(target: target("/"), options: mount.size.map { "size=\($0)" } ?? ""))
        case .cache:
            guard mount.from == nil else {
                throw FileCopying.Conflict(sentence: "RUN --mount=type=cache with from= is not there yet")
            }
            let path = try cacheDirectory(mount.id ?? target("/"), mount)
            step.binds.append(BindMount(source: path, target: target("/"), isReadOnly: mount.isReadOnly))
        case .secret: try addSecret(mount, directory, to: &step)
        case .bind:
            throw FileCopying.Conflict(
                sentence: "RUN --mount=type=bind is not there yet: COPY the files, and remove them in the same RUN")
        case .ssh: throw FileCopying.Conflict(sentence: "RUN --mount=type=ssh is not there: dsh has no agent to ask")
        }
    }

    private func cacheDirectory(_ id: String, _ mount: RunMount) throws -> String {
        var key = StepKey("cache", below: nil)
        key.add(id)
        let above = builds.images.core.paths.root + "/buildcache"
        let path = above + "/" + key.digits
        let isNew = access(path, F_OK) != 0
        try SmallFile.makeDirectory(above)
        try SmallFile.makeDirectory(path, mode: mode_t(mount.mode ?? 0o755))
        if isNew, mount.user != nil || mount.group != nil, chown(path, mount.user ?? 0, mount.group ?? 0) != 0 {
            throw EngineError.failed("chown \(path)", .path(path))
        }
        return path
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
