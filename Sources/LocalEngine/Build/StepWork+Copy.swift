// SPDX-License-Identifier: Apache-2.0

import Archive
import Dockerfile
import Engine
import Glibc
import Linux
import OCI

extension StepWork {
    func copy(_ copy: FileCopy, _ progress: inout StageProgress) async throws -> Result {
        let isAdd = instruction.keyword == .add
        try refuse(copy, isAdd: isAdd)
        let target = state.absolute(copy.destination.text)
        let origin = try origin(of: copy)
        let place = StepKey.place("copy", run.context.place, "\(stage.stage.index)", instruction.source)
        let former = try stage.steps.inputs(at: place)
        let files = try await files(copy, from: origin, knowing: former)
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

    /// Where the files of this instruction come from.
    private func origin(of copy: FileCopy) throws -> CopyOrigin {
        guard let from = copy.from else { return .context }
        switch try run.plan.graph.source(of: from) {
        case .stage(let index):
            guard let stage = stage.finished[index] else {
                throw EngineError(.system, .engine, "stage \(index) is not done")
            }
            return .layers(directories(stage), chain: stage.chain)
        case .image(let name):
            let image = try builds.images.stageState(ImageName(name)) {
                StageVariables(environment: $0, global: run.plan.global)
            }
            return .layers(directories(image), chain: image.chain)
        case .context(let name): return .directory(run.request.contexts[name] ?? name)
        case .scratch: return .layers([], chain: nil)
        }
    }

    /// Finds what is copied, and reads what of it decides.
    private func files(_ copy: FileCopy, from origin: CopyOrigin, knowing former: CopiedFiles?) async throws
        -> CopiedFiles
    {
        let (containers, context) = (builds.containers, run.context)
        let chainPlace = origin.chain.map { chain in
            StepKey.place("from", [chain.description] + copy.paths.map(\.text) + copy.excludes.map { "!" + $0.text })
        }
        // Layers never change: what was found in them once is there still.
        if let chainPlace, let known = try stage.steps.inputs(at: chainPlace) { return known }
        let excludes = try IgnoreRules(patterns: copy.excludes)
        let files = try await StepThread.run { work in
            if origin.needsMounts { try StepThread.enterMounts() }
            let source = try origin.open(containers, context)
            defer { source.close() }
            var files = CopiedFiles()
            files.taken = LocalImages.now
            for path in copy.paths {
                files.sources += try source.tree.find(path.text, excluding: excludes) {
                    if work.interrupt.isRaised { throw CancellationError() }
                }
            }
            try files.readContents(in: source.tree, knowing: former)
            return files
        }
        if let chainPlace { await run.remember(inputs: files, at: chainPlace) }
        return files
    }
}

/// Where a COPY takes its files from.
enum CopyOrigin: Sendable {
    case context
    /// A named context.
    case directory(String)
    /// A stage or an image: directories of layers, topmost first.
    case layers([String], chain: OCI.Digest?)

    var chain: OCI.Digest? { if case .layers(_, let chain) = self { chain } else { nil } }
    var needsMounts: Bool { if case .layers = self { true } else { false } }

    /// Opened for one thread, which has a mount namespace of its own where `needsMounts`.
    struct Opened {
        let tree: SourceTree
        fileprivate let scratch: BuildScratch?

        /// Unmounts what was mounted, so that its directory can be removed.
        func close() {
            // What stays mounted goes with its thread, and its directory is found by `system check`.
            if let scratch { try? StepThread.leaveMounts(of: scratch) }
        }
    }

    func open(_ containers: LocalContainers, _ context: BuildContext) throws -> Opened {
        switch self {
        case .context: return Opened(tree: context.tree, scratch: nil)
        case .directory(let path):
            return Opened(tree: SourceTree(root: try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)), scratch: nil)
        case .layers(let directories, _):
            let scratch = try BuildScratch(containers, over: directories)
            return Opened(tree: SourceTree(root: try scratch.mountOnceMore()), scratch: scratch)
        }
    }
}
