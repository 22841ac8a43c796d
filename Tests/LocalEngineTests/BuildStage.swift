// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import LocalEngine

/// A context, an engine that builds it, and what it told.
struct BuildStage {
    let roots: TemporaryEngineRoots
    let engine: LocalContainerEngine
    let dsh: DshProgram

    /// What a build told, in one line each: `1 cached`, `3 done`, `3 missed: server.js changed: …`.
    final class Told: Sendable {
        private let events = Mutex<[String]>([])
        private let reasons = Mutex<[String]>([])
        private let written = Mutex("")
        /// Why each step was done or not, in one line each: `3 the instruction is new`.
        var explanations: [String] { reasons.withLock { $0 } }
        var lines: [String] { events.withLock { $0 } }
        var output: String { written.withLock { $0 } }

        func take(_ event: BuildEvent) {
            let line: String
            switch event {
            case .skipped(let stages): line = "skipped \(stages.joined(separator: " "))"
            case .started: return
            case .output(_, _, let bytes):
                return written.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
            case .explained(let step, let reason):
                return reasons.withLock { $0.append("\(step.number) \(reason)") }
            case .missed(let step, let reason): line = "\(step.number) missed: \(reason)"
            case .finished(let step, let fromCache, _): line = "\(step.number) \(fromCache ? "cached" : "done")"
            case .failed(let step): line = "\(step.number) failed"
            }
            events.withLock { $0.append(line) }
        }
    }

    static func scoped(_ body: (BuildStage) async throws -> Void) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let stage = BuildStage(roots: roots, engine: try roots.engine(), dsh: DshProgram(roots))
            try FileManager.default.createDirectory(atPath: stage.context, withIntermediateDirectories: true)
            try await body(stage)
            // The kernel takes the network of a container that has ended away in its own time.
            let deadline = ContinuousClock.now + .seconds(5)
            var left = try await stage.engine.system.check(mend: false)
            while !left.isEmpty, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
                left = try await stage.engine.system.check(mend: false)
            }
            #expect(left.isEmpty, "\(left)")
        }
    }

    var context: String { roots.files + "/context" }

    func write(_ text: String, to name: String, mode: Int = 0o644) throws {
        let path = context + "/" + name
        let above = (path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: above, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Builds the context, as `t` unless told otherwise.
    @discardableResult
    func build(
        _ dockerfile: String? = nil, _ change: (inout BuildRequest) -> Void = { _ in }
    ) async throws -> (image: BuiltImage, told: Told) {
        if let dockerfile { try write(dockerfile, to: "Dockerfile") }
        var request = BuildRequest(context: .directory(context))
        request.names = ["t"]
        change(&request)
        let told = Told()
        return (try await engine.builds.build(request) { told.take($0) }, told)
    }

    /// Why a build fails.
    func failure(_ dockerfile: String) async throws -> String {
        do {
            try await build(dockerfile)
            return "it was built"
        } catch let error as BuildFailure {
            return "\(error.place): \(error.reason)"
        } catch let error as EngineError {
            return error.message
        }
    }

    /// What a command prints in a container of the image.
    func run(_ words: String...) async throws -> String {
        try await dsh.program(["run", "--rm", "--network", "none", "t"] + words).succeed()
    }
}
