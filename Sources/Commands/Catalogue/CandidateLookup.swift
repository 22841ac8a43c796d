// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc

/// Finds candidates of every kind for one word.
struct CandidateLookup {
    let session: Session
    /// What has been typed of the word.
    let current: String

    /// Candidates that begin with what has been typed.
    func candidates(from source: CandidateSource, _ place: WordPlace) async -> [Candidate] {
        switch source {
        case .none: return []
        case .containers(let choice): return await containers(choice, place)
        case .images: return await images()
        case .imagesAndContainers: return await containers(.any, place) + images()
        // `-v HOST:CONTAINER`: behind the colon the path is inside.
        case .hostPaths: return current.contains(":") ? [] : hostPaths(current)
        case .copyPlaces: return await copyPlaces(place)
        case .layerPlaces: return await layerPlaces(of: place.words.first.map { ImageName($0) })
        case .containerPaths:
            return await containerPaths(current, of: place.words.first.map { ContainerName($0) })
        case .signals: return fixed(Self.signals)
        case .networks: return fixed(Self.networks)
        case .capabilities:
            return fixed((["ALL"] + Capability.names).map { ($0, Text(verbatim: "")) })
        case .commands:
            return fixed(Catalogue.declarations.filter { !$0.isHidden }.map { ($0.name, $0.summary) })
        case .filters(let keys): return filters(keys)
        case .words(let words): return fixed(words.map { ($0, Text(verbatim: "")) })
        case .environment: return fixed(Self.environmentNames.map { ($0, Text(verbatim: "")) })
        }
    }

    private func fixed(_ words: [(String, Text)]) -> [Candidate] {
        words.filter { $0.0.hasPrefix(current) }.map { Candidate($0.0, $0.1.text(in: session.language)) }
    }

    // MARK: What the engine has

    /// Ids come only after a beginning that is one, since nobody chooses among ids.
    private var mayBeID: Bool {
        !current.isEmpty && current.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    }

    func containers(_ choice: CandidateSource.ContainerChoice, _ place: WordPlace) async -> [Candidate] {
        // Without an engine there is nothing to offer, and this is no place to say why.
        guard let all = try? await session.engine.containers.list(ContainerQuery(all: true)) else { return [] }
        let now = Timestamp.now
        return all.flatMap { summary -> [Candidate] in
            guard fits(summary, choice, place), !place.words.contains(summary.name) else { return [] }
            let row = ContainerRow(summary: summary, isShort: true, now: now)
            let description = "\(row.image) · \(row.status)"
            var found: [Candidate] = []
            if summary.name.hasPrefix(current) { found.append(Candidate(summary.name, description)) }
            if mayBeID, summary.id.text.hasPrefix(current) {
                found.append(Candidate(current.count > 12 ? summary.id.text : summary.id.short, description))
            }
            return found
        }
    }

    private func fits(
        _ summary: ContainerSummary, _ choice: CandidateSource.ContainerChoice, _ place: WordPlace
    ) -> Bool {
        switch choice {
        case .any: true
        case .running: summary.state.isRunning
        case .stopped: !summary.state.isRunning
        case .removable: !summary.state.isRunning || place.flags.contains("force")
        }
    }

    /// A repository alone means its `latest`; other tags, and all of them once a colon is typed, stand behind it.
    func images() async -> [Candidate] {
        // As above.
        guard let all = try? await session.engine.images.list(ImageQuery()) else { return [] }
        let now = Timestamp.now
        var found: [Candidate] = []
        var ids: [Candidate] = []
        for summary in all {
            // Only for those that are offered: a thousand images must be answered before a person looks up.
            var description: String {
                let row = ImageRow(summary: summary, isShort: true, now: now)
                return "\(summary.size.decimalText()) · \(row.createdSince)"
            }
            if let repository = summary.repository, let tag = summary.tag {
                let isPlain = tag == "latest" && !current.dropFirst(repository.count).hasPrefix(":")
                let name = isPlain ? repository : "\(repository):\(tag)"
                if name.hasPrefix(current) { found.append(Candidate(name, description)) }
            }
            if mayBeID, summary.id.text.dropFirst(7).hasPrefix(current) {
                let candidate = Candidate(summary.id.short, description)
                if !ids.contains(candidate) { ids.append(candidate) }
            }
        }
        return found + ids
    }

    /// Absolute paths only: where a relative one begins is the program's affair.
    func containerPaths(_ typed: String, of container: ContainerName?) async -> [Candidate] {
        typed.hasPrefix("/") ? await entries(typed, of: container) : []
    }

    func entries(_ typed: String, of container: ContainerName?) async -> [Candidate] {
        guard let container else { return [] }
        // As above: without the container, or such a directory in it, there is nothing to offer.
        return await entries(typed) { try? await session.engine.containers.entries(in: $0, of: container) }
    }

    /// Names in the directory of a path that `list` finds in it; `nil` where there is no such directory.
    func entries(_ typed: String, _ list: (String) async -> [DirectoryEntry]?) async -> [Candidate] {
        let (head, beginning) = Self.split(typed)
        let found = await list(head.isEmpty ? "/" : head) ?? []
        return found.compactMap { path($0.name, $0.isDirectory, head, beginning) }.sorted { $0.text < $1.text }
    }

    // MARK: What the machine has

    /// Files and directories that begin so; hidden ones only after a dot.
    func hostPaths(_ typed: String) -> [Candidate] {
        let (head, beginning) = Self.split(typed)
        let directory = session.hostPath(head.isEmpty ? "." : head)
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var found: [Candidate] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != "..", name.hasPrefix(beginning) else { continue }
            // `/.` behind it: a link to a directory is one too.
            let isDirectory = access("\(directory)/\(name)/.", F_OK) == 0
            if let candidate = path(name, isDirectory, head, beginning) { found.append(candidate) }
        }
        return found.sorted { $0.text < $1.text }
    }

    /// A path as far as its directory, slash included, and what has been typed of the name.
    private static func split(_ typed: String) -> (head: String, beginning: Substring) {
        let slash = typed.lastIndex(of: "/")
        return (slash.map { String(typed[...$0]) } ?? "", slash.map { typed[typed.index(after: $0)...] } ?? typed[...])
    }

    /// A name in a directory as a candidate; hidden ones only after a dot.
    private func path(_ name: String, _ isDirectory: Bool, _ head: String, _ beginning: Substring) -> Candidate? {
        guard name.hasPrefix(beginning), !name.hasPrefix(".") || beginning.hasPrefix(".") else { return nil }
        let kind: Text = isDirectory ? .directoryWord : .fileWord
        let label = name + (isDirectory ? "/" : "")
        return Candidate(head + label, kind.text(in: session.language), isComplete: !isDirectory, label: label)
    }

    private func filters(_ keys: [String]) -> [Candidate] {
        if current.hasPrefix("status=") {
            return ContainerState.Status.allCases.map { "status=\($0.rawValue)" }.filter { $0.hasPrefix(current) }
                .map { Candidate($0) }
        }
        return keys.map { $0 + "=" }.filter { $0.hasPrefix(current) }.map { Candidate($0, isComplete: false) }
    }

    private static let signals: [(String, Text)] = [
        ("TERM", Text("asks to end", "끝내 달라고 합니다")), ("KILL", Text("ends at once", "바로 끝냅니다")),
        ("INT", Text("Ctrl-C", "Ctrl-C")),
        ("HUP", Text("the terminal is gone; often: read settings again", "설정을 다시 읽으라는 뜻으로 흔히 씁니다")),
        ("QUIT", Text("Ctrl-\\", "Ctrl-\\")), ("USR1", Text("the program's own", "프로그램이 정한 뜻")),
        ("USR2", Text("the program's own", "프로그램이 정한 뜻")), ("STOP", Text("halts", "멈춰 세웁니다")),
        ("CONT", Text("goes on", "다시 가게 합니다")), ("WINCH", Text("the size has changed", "크기가 바뀌었습니다")),
    ]

    private static let networks: [(String, Text)] = [
        ("default", Text("the engine's own network", "dsh의 네트워크")),
        ("none", Text("no network", "네트워크 없음")),
        ("host", Text("this machine's network", "내 컴퓨터의 네트워크")),
    ]

    private static var environmentNames: [String] {
        var names: [String] = []
        var place = environ
        while let entry = place.pointee {
            names.append(String(String(cString: entry).prefix { $0 != "=" }))
            place += 1
        }
        return names.sorted()
    }
}
