// SPDX-License-Identifier: Apache-2.0

import Content
import Dockerfile
import Engine
import OCI

/// Keeps the state right before the step that a build failed with, so that a shell can be opened there.
struct FailedStepKeeping: Sendable {
    private let images: LocalImages

    init(_ images: LocalImages) { self.images = images }

    /// Forgets the step that is kept if it is of this build, which has succeeded now.
    func forget(_ context: BuildContext) throws {
        let build = Self.name(context)
        // Mostly there is none, and reading is cheaper.
        guard try images.core.database.read({ try FailedStepRecord.find($0) })?.build == build else { return }
        try images.core.database.write(.process) { database in
            if try FailedStepRecord.find(database)?.build == build { try FailedStepRecord.remove(database) }
        }
    }

    /// What tells this build from others: digits, since what the context calls itself may hold any bytes.
    static func name(_ context: BuildContext) -> String { StepKey.place("failed", context.place) }

    /// Keeps a step in the place of the one before.
    ///
    /// - Parameter state: the stage as the step found it.
    /// - Returns: whether it is kept.
    func keep(_ failure: BuildFailure, _ state: StageState, command: FailedCommand?, of build: String) throws -> Bool {
        var configuration = ImageConfiguration(platform: .current, diffIDs: state.layers.map(\.diffID))
        configuration.created = state.created ?? Timestamp(nanoseconds: 0).rfc3339
        configuration.config = state.settings
        // Build arguments too: the command sees them.
        configuration.config?.environment = state.variables.runEnvironment
        configuration.history = state.history
        let bytes = try ImageDocument.bytes(configuration)
        let now = LocalImages.now
        let base = ImageRecord(
            id: try ImageID(parsing: DigestHasher.digest(of: bytes).description), manifest: nil, created: now,
            size: state.layers.reduce(0) { $0 + $1.size }, loaded: now, configuration: bytes)
        let record = FailedStepRecord(
            build: build, image: base.id, step: failure.step, place: failure.place, reason: failure.reason,
            command: command?.text, script: command?.script, failed: now)
        let directories = state.layers.map(\.directory)
        return try images.core.database.write(.process) { try record.put(base, layers: directories, $0) }
    }
}

extension StageBuild {
    /// Keeps what a step that failed stood on, where it is a step's own failure.
    func keep(_ error: any Error, _ state: StageState, _ instruction: Instruction) async -> any Error {
        guard var failure = error as? BuildFailure else { return error }
        let keeping = FailedStepKeeping(run.builds.images)
        let command = FailedCommand(instruction, state)
        let build = FailedStepKeeping.name(run.context)
        // A full disk is a likely reason for the failure, and then for this too: what went wrong first is told.
        failure.isKept = (try? keeping.keep(failure, state, command: command, of: build)) ?? false
        return failure
    }
}

/// The command of a RUN, to be seen and to be run again.
struct FailedCommand: Hashable, Sendable {
    /// As it is typed in a shell.
    let text: String
    /// The same as the build ran it, by the shell of the image or without any: a shell script.
    let script: String

    /// `nil` for another instruction.
    init?(_ instruction: Instruction, _ state: StageState) {
        guard case .run(let command) = instruction.operation else { return nil }
        let words: [String]
        switch command.start {
        case .shell(let line): words = state.shell + [line]
        case .exec(let list): words = list
        case .script(_, let content):
            text = Self.onOneLine(content)
            script = text
            return
        }
        script = "exec " + words.map(Self.quoted).joined(separator: " ")
        if case .shell(let line) = command.start, state.settings.shell == nil {
            text = Self.onOneLine(line)
        } else {
            text = words.map(Self.quoted).joined(separator: " ")
        }
    }

    /// A script of several lines is put together again by the shell.
    private static func onOneLine(_ script: String) -> String {
        let script = script.hasSuffix("\n") ? String(script.dropLast()) : script
        let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1 else { return script }
        let whole = "printf '%s\\n' " + lines.map { quoted(String($0)) }.joined(separator: " ")
        guard script.hasPrefix("#!") else { return "sh -c \"$(\(whole))\"" }
        return "\(whole) > /tmp/step && chmod +x /tmp/step && /tmp/step"
    }

    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "_-./:=@%+,".utf8.contains(byte)
            }
        return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
