// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Terminal

@testable import Commands

/// What a person sees after typing a line.
struct Seen: Hashable {
    var status: Int32
    var output: String
    var error: String
}

/// Somebody who types lines at a session over a `RecordingEngine`; nothing is a terminal.
struct Typist {
    let engine = RecordingEngine()
    let session: Session
    private let output = Output.inMemory()
    private let error = Output.inMemory()

    init(_ kind: SessionState.Kind = .oneCommand, language: Language = .english, directory: String = "/work") {
        let engine = engine
        let state = SessionState(kind: kind, directory: directory, language: language) { engine }
        // Reading end of nothing: no test's own terminal may answer for the person.
        session = Session(state, streams: Streams(input: Self.nothing, output: output, error: error))
    }

    private static let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)

    /// Types the words and reads the screen.
    func type(_ words: [String]) async -> Seen {
        await type(words, input: session.streams.input)
    }

    /// The same with another standard input.
    func type(_ words: [String], input: Int32) async -> Seen {
        let status = await CommandRunner.run(
            words, in: session, streams: Streams(input: input, output: output, error: error))
        return Seen(
            status: status, output: String(decoding: output.takeCollected(), as: UTF8.self),
            error: String(decoding: error.takeCollected(), as: UTF8.self))
    }

    /// Types a line whose words hold no blanks.
    func callAsFunction(_ line: String) async -> Seen { await type(line.split(separator: " ").map(String.init)) }
}

extension ContainerSummary {
    /// A container for lists, created an hour ago unless said otherwise.
    static func sample(
        _ name: String, id: String = RecordingEngine.id, state: ContainerState = .init(status: .running),
        image: String = "node", command: [String] = ["docker-entrypoint.sh", "node"], age: Int64 = 3600,
        ports: [PublishedPort] = [], labels: [String: String] = [:]
    ) throws -> Self {
        Self(
            id: try ContainerID(parsing: id), name: name, image: image,
            imageID: try ImageID(parsing: "sha256:" + RecordingEngine.id), command: command,
            created: Timestamp(nanoseconds: Timestamp.now.nanoseconds - age * 1_000_000_000), state: state,
            ports: ports,
            labels: labels, networks: ["bridge"], mounts: [])
    }
}

extension ImageSummary {
    /// An image for lists, made two days ago.
    static func sample(_ repository: String?, _ tag: String? = "latest", id: String = RecordingEngine.id) throws -> Self
    {
        Self(
            id: try ImageID(parsing: "sha256:" + id), repository: repository, tag: tag, digest: nil,
            created: Timestamp(nanoseconds: Timestamp.now.nanoseconds - 172_800 * 1_000_000_000),
            size: ByteCount(4_500_000),
            labels: [:], containers: 0)
    }
}
