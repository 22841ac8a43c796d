// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `build [OPTIONS] PATH | URL | -`: makes an image from a Dockerfile.
struct BuildCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "build", "image build", "buildx build", "builder build", usage: "[OPTIONS] PATH | URL | -",
        summary: Text("Build an image from a Dockerfile", "Dockerfile로 이미지를 만듭니다"),
        details: Text(
            """
            PATH is the directory whose files COPY and ADD may take, usually "." for this one. "-" reads an archive of
            files, or a Dockerfile alone, from standard input. The image becomes the current one.
            """,
            """
            경로는 COPY와 ADD가 파일을 가져올 디렉터리이고, 보통 "."(지금 디렉터리)을 적습니다. "-"는 표준 입력에서 파일 보관 파일이나
            Dockerfile을 읽습니다. 만든 이미지는 지금 이미지가 됩니다.
            """),
        arguments: .init(1, 1, .hostPaths), flags: CommandDeclaration.buildFlags,
        absentFlags: CommandDeclaration.absentBuildFlags, ignoredFlags: CommandDeclaration.ignoredBuildFlags)

    @Option(.buildHost, transform: BuildRequest.HostEntry.init(parsing:)) var hosts: [BuildRequest.HostEntry] = []
    @Option(.buildArg, transform: BuildAssignment.init(parsing:)) var arguments: [BuildAssignment] = []
    @Option(.buildContext, transform: NamedContext.init(parsing:)) var contexts: [NamedContext] = []
    @Flag(.checkOnly) var checksOnly = false
    @Flag(.explainCache) var explainsCache = false
    @Option(.dockerfile) var file: String?
    @Option(.imageIDFile) var imageIDFile: String?
    @Option(.imageLabel, transform: BuildAssignment.init(parsing:)) var labels: [BuildAssignment] = []
    @Option(.metadataFile) var metadataFile: String?
    @Option(.buildNetwork, transform: NetworkChoice.init(parsing:)) var network: NetworkChoice?
    @Flag(.noCache) var noCache = false
    @Option(.noCacheFilter) var uncachedStages: [String] = []
    @Option(.platform) var platforms: [String] = []
    @Option(.progress, transform: BuildProgressMode.init(parsing:)) var progress: BuildProgressMode?
    @Flag(.pullBase) var pull = false
    @Flag(.quietBuild) var quiet = false
    @Option(.secret, transform: SecretWord.init(parsing:)) var secrets: [SecretWord] = []
    @Option(.imageTag) var tags: [String] = []
    @Option(.target) var target: String?
    @Argument var words: [String] = []

    func run(in session: Session) async throws {
        let mode = try progressMode(in: session)
        let files = try BuildResultFiles(id: imageIDFile, metadata: metadataFile, in: session)
        let source = try BuildSource(context: words[0], dockerfile: file, in: session)
        let request = try request(for: source, in: session)
        defer { withExtendedLifetime(source) {} }
        if checksOnly { return try await check(request, in: session) }
        let result = try await build(request, showing: mode, in: session)
        try files.write(result)
        session.note(last: result.id.text)
        session.use(ImageName(result.names.first ?? result.id.short))
        switch mode {
        case .quiet: session.output.line(result.id.text)
        case .rawjson: RawBuildView.lines(of: result).forEach { session.error.line($0) }
        case .auto, .plain, .tty:
            session.print(result.warnings)
            // What went to standard error comes before what goes to standard output, where both are one file.
            try session.error.flush()
            session.output.line("Successfully built \(result.id.short)")
            for name in result.names { session.output.line("Successfully tagged \(name)") }
        }
    }

    private func build(
        _ request: BuildRequest, showing mode: BuildProgressMode, in session: Session
    ) async throws -> BuiltImage {
        let builds = try session.engine.builds
        let progress = BuildProgress(
            mode.view(explaining: explainsCache, in: session), language: session.language, output: session.error)
        do {
            return try await session.cancelledBySignals {
                async let _: Void = progress.keepTicking()
                defer { progress.finish() }
                return try await builds.build(request) { progress.observe($0) }
            }
        } catch let failure as BuildFailure {
            throw progress.completing(failure)
        } catch let failure as EngineError {
            if failure.code == .invalid, case .image(let name) = failure.subject, tags.contains(name) {
                throw failure.aboutTag(name)
            }
            guard failure.code == .notFound, case .image(let name) = failure.subject else { throw failure }
            session.error.line("Unable to find image '\(ImageWord.withTag(ImageName(name)))' locally")
            throw MissingImage(image: ImageName(name))
        }
    }

    /// BuildKit's answer to `--check`: every warning in full, and status 1 where there is one.
    private func check(_ request: BuildRequest, in session: Session) async throws {
        let warnings = try await session.engine.builds.check(request)
        guard !warnings.isEmpty else { return session.output.line("Check complete, no warnings found.") }
        let count = warnings.count == 1 ? "1 warning has" : "\(warnings.count) warnings have"
        session.output.line("Check complete, \(count) been found!")
        for warning in warnings {
            session.output.line("\nWARNING: \(warning.rule)" + (warning.url.isEmpty ? "" : " - \(warning.url)"))
            // The engine's own place says it between the line's number and the line.
            if !warning.place.contains(warning.message) { session.output.line(warning.message) }
            session.output.line(warning.place.caretsByWidth)
        }
        throw ExitCode(1)
    }

    private func progressMode(in session: Session) throws(UsageError) -> BuildProgressMode {
        let wanted = progress?.rawValue ?? session.variable("BUILDKIT_PROGRESS") ?? "auto"
        let mode = try BuildProgressMode(parsing: wanted)
        guard quiet else { return mode.onThisScreen(in: session) }
        if let progress, progress != .auto, progress != .quiet {
            throw .refused("progress=\(progress.rawValue) and quiet cannot be used together", status: 1)
        }
        return .quiet
    }
}

extension EngineError {
    /// Docker names the tag that it cannot take.
    fileprivate func aboutTag(_ name: String) -> EngineError {
        if message.hasPrefix("invalid tag") { return self }
        return EngineError(code, subject, "invalid tag \"\(name)\": \(message)", cause: cause)
    }
}

extension Session {
    /// Warnings of the lint below a build, as BuildKit lists them.
    fileprivate func print(_ warnings: [BuildWarning]) {
        guard !warnings.isEmpty else { return }
        error.line("\n " + Text.warningsFound(warnings.count, check: typed("build --check")).text(in: language))
        for warning in warnings {
            let text = "- \(warning.rule): \(warning.message) (line \(warning.line))"
            error.paragraph(text, indentation: 1, .yellow)
        }
        error.line()
    }
}
