// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc

/// Where a build's files and its Dockerfile come from, read from what was typed; holds open what the engine reads.
struct BuildSource: Sendable {
    let context: BuildRequest.Context
    let dockerfile: BuildRequest.Dockerfile
    /// What lives as long as the context's descriptor is read.
    private let archive: ContextArchive?

    /// - Parameters:
    ///   - word: PATH, URL or `-`.
    ///   - file: the value of `-f`; `nil` means the context's `Dockerfile`.
    init(context word: String, dockerfile file: String?, in session: Session) throws {
        if word == "-" {
            self = try Self.standardInput(file, in: session)
            return
        }
        let path = session.hostPath(word)
        var found = stat()
        guard stat(path, &found) == 0 else {
            if Self.isAddress(word) {
                throw UsageError(sentence: .addressIsNotThereYet(word), hint: .downloadFirst, pointer: .none, status: 1)
            }
            throw UsageError.refusedBuild("unable to prepare context: path \"\(word)\" not found")
        }
        guard found.st_mode & S_IFMT == S_IFDIR else {
            self = try Self.archive(at: path, word, file)
            return
        }
        let failure = HostPath.whyNotDirectory(path)
        guard failure == 0, let real = realpath(path, nil) else {
            let reason = HostFile.reason(failure == 0 ? errno : failure)
            throw UsageError.refusedBuild("unable to prepare context: open \(word): \(reason)")
        }
        defer { free(real) }
        let directory = String(cString: real)
        context = .directory(directory)
        dockerfile = try Self.dockerfile(file, of: directory, word, in: session)
        archive = nil
    }

    private init(
        _ context: BuildRequest.Context, _ dockerfile: BuildRequest.Dockerfile, archive: ContextArchive? = nil
    ) {
        self.context = context
        self.dockerfile = dockerfile
        self.archive = archive
    }

    /// Addresses as Docker's client knows them: of the web, and of Git.
    static func isAddress(_ word: String) -> Bool {
        ["http://", "https://", "git://", "ssh://", "git@", "github.com/"].contains { word.hasPrefix($0) }
    }

    // MARK: Archives and standard input

    /// `-`: an archive of files, or a Dockerfile that needs none; which of them it is, its first bytes say.
    private static func standardInput(_ file: String?, in session: Session) throws -> Self {
        guard file != "-" else {
            throw UsageError.refusedBuild("invalid argument: can't use stdin for both build context and dockerfile")
        }
        guard !session.streams.inputIsTerminal else { throw UsageError.stdinIsTerminal(session.typed("build")) }
        let input = session.streams.input
        let beginning = try ContextArchive.beginning(of: input)
        guard ContextArchive.isArchive(beginning) else {
            guard file == nil else {
                throw UsageError.refusedBuild(
                    "ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles")
            }
            let text = beginning + (try ContextArchive.rest(of: input))
            return Self(.empty, .text(text, name: "Dockerfile"))
        }
        let archive = try ContextArchive(beginning: beginning, from: input)
        return Self(.archive(archive.descriptor), inContext(file), archive: archive)
    }

    private static func archive(at path: String, _ word: String, _ file: String?) throws -> Self {
        let archive = try ContextArchive(reading: path, shownAs: word)
        guard ContextArchive.isArchive(try ContextArchive.beginning(of: archive.descriptor)) else {
            throw UsageError.refusedBuild(
                "unable to prepare context: context must be a directory: \(word)", hint: .dockerfileIsGivenBy(word))
        }
        lseek(archive.descriptor, 0, SEEK_SET)
        return Self(.archive(archive.descriptor), inContext(file), archive: archive)
    }

    private static func inContext(_ file: String?) -> BuildRequest.Dockerfile {
        file.map { .inContext($0) } ?? .standard
    }

    // MARK: Dockerfiles of directories

    private static func dockerfile(
        _ file: String?, of directory: String, _ word: String, in session: Session
    ) throws -> BuildRequest.Dockerfile {
        if file == "-" {
            guard !session.streams.inputIsTerminal else {
                throw UsageError.stdinIsTerminal(session.typed("build -f -"))
            }
            return .text(try ContextArchive.rest(of: session.streams.input), name: "Dockerfile")
        }
        guard let file else { return try standard(of: directory, in: session) }
        let path = HostPath.withoutDots(session.hostPath(file))
        if HostFile.exists(path) { return .path(path) }
        // A path of -f begins where one is, not in the context: the slip that is made most.
        let hint: Text? = HostFile.exists("\(directory)/\(file)") ? .didYouMean("-f \(join(word, file))") : nil
        throw UsageError.refusedBuild(
            "failed to read dockerfile: open \(file): no such file or directory",
            hint: hint ?? near(file, in: HostPath.withoutDots(path + "/.."), session).map { .didYouMean("-f \($0)") })
    }

    /// `Dockerfile`, or `dockerfile` where only that is there, as buildx does.
    private static func standard(of directory: String, in session: Session) throws -> BuildRequest.Dockerfile {
        if HostFile.exists(directory + "/Dockerfile") { return .standard }
        if HostFile.exists(directory + "/dockerfile") { return .path(directory + "/dockerfile") }
        throw UsageError.refusedBuild(
            "failed to read dockerfile: open Dockerfile: no such file or directory",
            hint: near("Dockerfile", in: directory, session).map { .didYouMean("-f \($0)") }
                ?? .noDockerfile(in: directory))
    }

    /// A file whose name is nearly this, as it would be typed: `Dockerfile.txt`, `dockerfiel`.
    private static func near(_ file: String, in directory: String, _ session: Session) -> String? {
        let last = String(file.split(separator: "/").last ?? "")
        let names = CandidateLookup(session: session, current: "").hostPaths(directory + "/")
            .filter(\.isComplete).map { String($0.text.dropFirst(directory.count + 1)) }
        let name =
            NearestWord.to(last, among: names.filter { $0 != last })
            ?? names.first { $0.lowercased().hasPrefix(last.lowercased() + ".") }
        guard let name else { return nil }
        let here = session.directory.hasSuffix("/") ? session.directory : session.directory + "/"
        let path = "\(directory)/\(name)"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }

    private static func join(_ directory: String, _ file: String) -> String {
        directory.hasSuffix("/") ? directory + file : "\(directory)/\(file)"
    }
}

extension UsageError {
    fileprivate static func stdinIsTerminal(_ command: String) -> Self {
        .refusedBuild("requested build from stdin, but stdin is a terminal", hint: .redirectDockerfile(command))
    }
}
