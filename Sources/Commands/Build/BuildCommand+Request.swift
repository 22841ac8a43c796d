// SPDX-License-Identifier: Apache-2.0
import Engine

extension BuildCommand {
    /// What is to be built, with relative paths, the environment and secrets read in this session.
    ///
    /// - Throws: `UsageError` when files cannot be read or options contradict each other.
    func request(for source: BuildSource, in session: Session) throws -> BuildRequest {
        if noCache, !uncachedStages.isEmpty {
            throw UsageError.refusedBuild("--no-cache and --no-cache-filter cannot currently be used together")
        }
        var request = BuildRequest(context: source.context)
        request.dockerfile = source.dockerfile
        request.names = tags.map { ImageName($0) }
        request.target = target.flatMap { $0.isEmpty ? nil : $0 }
        for argument in arguments { request.arguments[argument.name] = argument.value(in: session) }
        for label in labels { request.labels[label.name] = label.value ?? "" }
        request.usesCache = !noCache
        // BuildKit reads the list split at commas.
        request.uncachedStages = uncachedStages.flatMap { $0.split(separator: ",").map(String.init) }
        request.network = network ?? .standard
        request.hosts = hosts
        request.platform = try platform
        for secret in secrets { request.secrets[secret.id] = try secret.bytes(in: session) }
        for context in contexts { request.contexts[context.name] = try context.source(in: session) }
        try setEpoch(of: &request, in: session)
        return request
    }

    /// `SOURCE_DATE_EPOCH` of the environment is a build argument, as buildx makes it, unless one is given.
    private func setEpoch(of request: inout BuildRequest, in session: Session) throws(UsageError) {
        let name = "SOURCE_DATE_EPOCH"
        guard let text = request.arguments[name] ?? session.variable(name), !text.isEmpty else { return }
        guard let seconds = Int64(text) else { throw .refusedBuild("invalid \(name): \(text)") }
        request.arguments[name] = text
        request.epoch = seconds
    }

    private var platform: String? {
        get throws(UsageError) {
            let all = Set(platforms.flatMap { $0.split(separator: ",") })
            guard all.count <= 1 else {
                throw .refusedBuild("Multi-platform build is not supported", hint: .onePlatformAtATime)
            }
            return all.first.map(String.init)
        }
    }
}

extension UsageError {
    /// What `build` refuses before the engine is asked: Docker's sentence, status 1.
    static func refusedBuild(_ sentence: String, hint: Text? = nil) -> Self {
        Self(sentence: Text(verbatim: sentence), hint: hint, pointer: .none, status: 1)
    }
}

/// `--build-arg NAME=VALUE`, `--build-arg NAME`, `--label NAME=VALUE`.
struct BuildAssignment: Hashable, Sendable {
    let name: String
    /// `nil` where only a name was given.
    let value: String?

    init(parsing text: String) throws(UsageError) {
        let name = text.prefix { $0 != "=" }
        guard !name.isEmpty else { throw .refusedBuild("invalid key-value pair \"\(text)\": empty key") }
        self.name = String(name)
        value = name.endIndex == text.endIndex ? nil : String(text[text.index(after: name.endIndex)...])
    }

    /// The value, or the environment's for a name alone; `nil` leaves the argument out.
    func value(in session: Session) -> String? { value ?? session.variable(name) }
}

extension BuildRequest.HostEntry {
    /// Reads `name:address`, `name=address` or `name:host-gateway`; an IPv6 address may stand in brackets.
    init(parsing text: String) throws(UsageError) {
        let separator: Character = text.contains("=") ? "=" : ":"
        let parts = text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else { throw .refusedBuild("bad format for add-host: \"\(text)\"") }
        if parts[1] == "host-gateway" {
            self.init(name: parts[0], address: nil)
            return
        }
        let bare =
            parts[1].hasPrefix("[") && parts[1].hasSuffix("]") ? String(parts[1].dropFirst().dropLast()) : parts[1]
        do {
            self.init(name: parts[0], address: try IPAddress(parsing: bare))
        } catch {
            throw .refusedBuild("invalid IP address in add-host: \"\(parts[1])\"")
        }
    }
}

/// `--build-context NAME=DIRECTORY` or `NAME=docker-image://IMAGE`.
struct NamedContext: Hashable, Sendable {
    let name: String
    let path: String

    init(parsing text: String) throws(UsageError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .refusedBuild("invalid context value: \(text), expected key=value")
        }
        name = String(parts[0])
        path = String(parts[1])
    }

    /// The directory, by an absolute path, or the image.
    func source(in session: Session) throws(UsageError) -> BuildRequest.NamedContext {
        let image = "docker-image://"
        if path.hasPrefix(image) { return .image(ImageName(String(path.dropFirst(image.count)))) }
        if BuildSource.isAddress(path) || path.contains("://") {
            throw UsageError(
                sentence: .addressIsNotThereYet(path), hint: .onlyDirectoriesAreContexts, pointer: .none, status: 1)
        }
        let directory = HostPath.withoutDots(session.hostPath(path))
        let failure = HostPath.whyNotDirectory(directory)
        guard failure == 0 else {
            throw .refusedBuild("failed to get build context \(name): stat \(path): \(HostFile.reason(failure))")
        }
        return .directory(directory)
    }
}

/// `--secret id=NAME[,src=FILE|,env=VARIABLE]`.
struct SecretWord: Hashable, Sendable {
    let id: String
    private var file: String?
    private var variable: String?
    /// BuildKit takes no larger one.
    private static let largest = 500 << 10

    init(parsing text: String) throws(UsageError) {
        var id = ""
        var type = ""
        for field in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw .refusedBuild("invalid field '\(field)' must be a key=value pair") }
            switch parts[0].lowercased() {
            case "id": id = parts[1]
            case "source", "src": file = parts[1]
            case "env": variable = parts[1]
            case "type" where ["file", "env"].contains(parts[1]): type = parts[1]
            case "type": throw .refusedBuild("unsupported secret type \"\(parts[1])\"")
            default: throw .refusedBuild("unexpected key '\(parts[0])' in '\(field)'")
            }
        }
        guard !id.isEmpty else { throw .refusedBuild("secret missing ID") }
        self.id = id
        if type == "env", variable == nil { (file, variable) = (nil, file ?? id) }
    }

    /// The secret itself. Without a place, the variable of this name is meant, or else the file.
    func bytes(in session: Session) throws(UsageError) -> [UInt8] {
        if let name = variable ?? (file == nil ? id : nil), let value = session.variable(name) {
            return Array(value.utf8)
        }
        if let variable { throw .refusedBuild("secret \(id): environment variable \(variable) is not set") }
        let path = file ?? id
        let contents: [UInt8]
        do { contents = try HostFile.read(session.hostPath(path), shownAs: path) } catch {
            throw .refusedBuild("failed to read secret \(id): \(error.sentence.english)")
        }
        guard contents.count <= Self.largest else {
            throw .refusedBuild("secret \(id) too big. max size 500KB")
        }
        return contents
    }
}
