// SPDX-License-Identifier: Apache-2.0

import Archive
import Dockerfile
import Engine

extension StepWork {
    func copy(_ copy: FileCopy, _ progress: inout StageProgress) async throws -> Result {
        let isAdd = instruction.keyword == .add
        try refuse(copy, isAdd: isAdd)
        let target = state.absolute(copy.destination.text)
        let origin: CopyOrigin = try copy.from.map { try self.origin(named: $0) } ?? .context
        let place = StepKey.place("copy", run.context.place, "\(stage.stage.index)", instruction.source)
        let former = try stage.steps.inputs(at: place)
        let files = try await files(
            copy.paths.map(\.text), excluding: copy.excludes, from: origin, knowing: former)
        await run.remember(inputs: files, at: place)

        let keepsOwners = copy.from != nil && copy.owner == nil
        var key = StepKey(isAdd ? "add" : "copy", below: state.chain)
        key.add([
            target, copy.owner?.text ?? "", copy.mode?.text ?? "", "\(copy.keepsParents)", "\(copy.unpacks ?? isAdd)",
        ])
        key.add(copy.documents.flatMap { [$0.name, $0.content] })
        key.add(files, countsOwners: keepsOwners, countsModes: copy.mode == nil)
        progress.depends(
            key: key.digits,
            settings: [
                "WORKDIR", state.directory, "--chown", copy.owner?.text ?? "", "--chmod", copy.mode?.text ?? "",
                "here-document", copy.documents.map(\.content).joined(separator: "\n"),
            ])
        let words =
            "\(isAdd ? "ADD" : "COPY") \(copy.paths.map(\.text).joined(separator: " ")) \(copy.destination.text)"
        let read = ReadFiles(former: former, now: files, countsOwners: keepsOwners, countsModes: copy.mode == nil)
        return try await finish(key, words, &progress, files: read) {
            let unpacks = copy.unpacks ?? isAdd
            let (containers, context) = (builds.containers, run.context)
            return try await layer { scratch, work in
                let step = StepCopy(scratch: scratch, interrupt: work.interrupt)
                let source = try origin.open(containers, context)
                defer { source.close() }
                try step.copy(copy, files, from: source.tree, to: target, unpacks: unpacks)
            }
        }
    }

    private func refuse(_ copy: FileCopy, isAdd: Bool) throws {
        guard isAdd else { return }
        for path in copy.paths where path.text.contains("://") || path.text.hasPrefix("git@") {
            throw FileCopying.Conflict(
                sentence: "ADD of \(path.text) is not there yet: download it first, and COPY the file")
        }
    }
}
