// SPDX-License-Identifier: Apache-2.0

import Archive
import Dockerfile
import Engine

extension StepWork {
    func copy(_ copy: FileCopy, _ progress: inout StageProgress) async throws -> Result {
        let isAdd = instruction.keyword == .add
        let addresses = try addresses(of: copy, isAdd: isAdd)
        let checksum = try checksum(of: copy, addresses)
        let target = state.absolute(copy.destination.text)
        let origin: CopyOrigin = try copy.from.map { try self.origin(named: $0) } ?? .context
        let place = StepKey.place("copy", run.context.place, "\(stage.stage.index)", instruction.source)
        let former = try stage.steps.inputs(at: place)
        let files = try await files(
            copy.paths.map(\.text).filter { path in !addresses.contains { $0.text == path } }, excluding: copy.excludes,
            from: origin, knowing: former)
        await run.remember(inputs: files, at: place)
        var downloaded: DownloadedFiles?
        if !addresses.isEmpty, checksum == nil { downloaded = try await download(addresses, checksum: nil) }
        let web = downloaded?.files ?? checksum.map { promised(addresses[0], $0) }

        let keepsOwners = copy.from != nil && copy.owner == nil
        var key = StepKey(isAdd ? "add" : "copy", below: state.chain)
        key.add([
            target, copy.owner?.text ?? "", copy.mode?.text ?? "", "\(copy.keepsParents)", "\(copy.unpacks ?? isAdd)",
        ])
        if copy.keepsParents { for source in files.sources { key.add(source.kept) } }
        key.add(copy.documents.flatMap { [$0.name, $0.content] })
        // A change such as u+x leaves some of the mode as it is.
        let countsModes = try copy.mode.map { try !FileModeChange(parsing: $0).isWhole } ?? true
        key.add(files, countsOwners: keepsOwners, countsModes: countsModes)
        if let web { key.add(web, countsOwners: false, countsModes: countsModes) }
        let webSettings = zip(addresses, web?.sources ?? []).flatMap {
            [$0.text, String(decoding: $1.files[0].content.prefix(12), as: UTF8.self)]
        }
        progress.depends(
            key: key.digits,
            settings: webSettings + [
                "WORKDIR", state.directory, "--chown", copy.owner?.text ?? "", "--chmod", copy.mode?.text ?? "",
                "here-document", copy.documents.map(\.content).joined(separator: "\n"),
            ]
        )
        let read = ReadFiles(former: former, now: files, countsOwners: keepsOwners, countsModes: countsModes)
        return try await finish(key, &progress, files: read) {
            if !addresses.isEmpty, downloaded == nil {
                downloaded = try await download(addresses, checksum: checksum)
            }
            let unpacks = copy.unpacks ?? isAdd
            let (containers, context, got) = (builds.containers, run.context, downloaded)
            return try await layer { scratch, work in
                let step = StepCopy(scratch: scratch, interrupt: work.interrupt)
                let source = try origin.open(containers, context)
                defer { source.close() }
                var parts = [StepCopy.Part(files: files, tree: source.tree, unpacks: unpacks)]
                if let got {
                    // What is downloaded is unpacked only where that is asked for.
                    parts.append(
                        StepCopy.Part(files: got.files, tree: try got.tree(), unpacks: copy.unpacks ?? false))
                }
                try step.copy(copy, parts, to: target)
            }
        }
    }
}
