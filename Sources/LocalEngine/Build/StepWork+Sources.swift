// SPDX-License-Identifier: Apache-2.0

import Archive
import Dockerfile
import Engine
import Glibc
import Linux
import OCI

extension StepWork {
    /// What a `--from` or a mount's `from` names.
    func origin(named from: Word) throws -> CopyOrigin {
        switch try run.plan.graph.source(of: from) {
        case .stage(let index):
            guard let stage = stage.finished[index] else {
                throw EngineError(.system, .engine, "stage \(index) is not done")
            }
            return .layers(directories(stage), chain: stage.chain)
        case .image(let name): return try origin(ofImage: ImageName(name))
        case .context(let name):
            switch run.request.contexts[name] {
            case .directory(let path)?: return .directory(path)
            case .image(let name)?: return try origin(ofImage: name)
            case nil: throw EngineError(.system, .engine, "no context is named \(name)")
            }
        case .scratch: return .layers([], chain: nil)
        }
    }

    private func origin(ofImage name: ImageName) throws -> CopyOrigin {
        let image = try builds.images.stageState(name) { StageVariables(environment: $0, global: run.plan.global) }
        return .layers(directories(image), chain: image.chain)
    }

    /// Finds what is copied or mounted, and reads what of it decides.
    ///
    /// - Parameter paths: what the instruction names, each a path or a pattern.
    func files(
        _ paths: [String], excluding patterns: [Word] = [], from origin: CopyOrigin, knowing former: CopiedFiles?
    ) async throws -> CopiedFiles {
        let (containers, context) = (builds.containers, run.context)
        let chainPlace = origin.chain.map { chain in
            StepKey.place("from", [chain.description] + paths + patterns.map { "!" + $0.text })
        }
        // Layers never change: what was found in them once is there still.
        if let chainPlace, let known = try stage.steps.inputs(at: chainPlace) { return known }
        let excludes = try IgnoreRules(patterns: patterns)
        let files = try await StepThread.run { work in
            try BuildPoint.readFiles.begin()
            if origin.needsMounts { try StepThread.enterMounts() }
            let source = try origin.open(containers, context)
            defer { source.close() }
            var files = CopiedFiles()
            files.taken = LocalImages.now
            files.sources = try source.tree.find(paths, excluding: excludes) {
                if work.interrupt.isRaised { throw CancellationError() }
            }
            try files.readContents(in: source.tree, knowing: former)
            return files
        }
        if let chainPlace { await run.remember(inputs: files, at: chainPlace) }
        return files
    }
}

/// Where an instruction takes files from.
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
        case .directory(let path): return Opened(tree: try BuildContext.tree(ofDirectory: path), scratch: nil)
        case .layers(let directories, _):
            let scratch = try BuildScratch(containers, over: directories)
            return Opened(tree: SourceTree(layers: try scratch.mountOnceMore()), scratch: scratch)
        }
    }
}
