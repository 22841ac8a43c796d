// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import Testing

@testable import Commands

/// A directory with files for builds, the session's own; gone when the test is over.
struct BuildGround {
    let path: String

    /// Makes the files, with their contents, and lends the directory.
    static func scoped(
        _ files: [String: String] = ["Dockerfile": "FROM starter\n"],
        _ body: (BuildGround) async throws -> Void
    ) async throws {
        var template = Array("/tmp/dsh-ground-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            // Left over where it cannot be removed: the next run makes another.
            try? FileManager.default.removeItem(atPath: path)
        }
        let ground = BuildGround(path: path)
        for (name, text) in files { try ground.write(Array(text.utf8), to: name) }
        try await body(ground)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = path + "/" + name
        let directory = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

    /// A typist whose session is in the directory.
    func typist(_ kind: SessionState.Kind = .oneCommand, language: Language = .english) -> Typist {
        Typist(kind, language: language, directory: path)
    }

    /// Types a line whose standard input is these bytes, through a pipe.
    func type(_ line: String, input: [UInt8], _ typist: Typist) async throws -> Seen {
        let pipe = Pipe()
        // A thread of its own: the command under test may hold every thread of the pool while it reads.
        let (ended, feed) = AsyncStream.makeStream(of: Void.self)
        Thread.detachNewThread {
            // A reader that refuses early leaves the rest unread.
            try? pipe.fileHandleForWriting.write(contentsOf: Data(input))
            // As above.
            try? pipe.fileHandleForWriting.close()
            feed.finish()
        }
        let seen = await typist.type(
            line.split(separator: " ").map(String.init), input: pipe.fileHandleForReading.fileDescriptor)
        // The reading end goes first where the input was not wanted, so that the writer is never left waiting.
        try pipe.fileHandleForReading.close()
        for await _ in ended {}
        return seen
    }

    /// An archive in the form of tar with one file, as short as it can be.
    static func archive(_ name: String, _ text: String) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at place: Int) {
            header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        let size = String(text.utf8.count, radix: 8)
        put(String(repeating: "0", count: 11 - size.count) + size, at: 124)
        put("00000000000", at: 136)
        put("        0", at: 148)
        put("ustar", at: 257)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0", at: 148)
        let padding = [UInt8](repeating: 0, count: (512 - text.utf8.count % 512) % 512 + 1024)
        return header + Array(text.utf8) + padding
    }
}

extension BuildStep {
    /// A step for views: the second of four.
    static func sample(
        _ number: Int, _ instruction: String, of total: Int = 4, stage: String? = nil, id: Int? = nil
    ) -> Self {
        Self(number: number, total: total, stage: stage, instruction: instruction, id: id ?? number)
    }
}

extension BuildFailure {
    /// A RUN that failed in `Dockerfile:4`.
    static func sample(_ command: String, _ status: Int32, _ lines: [String]) -> Self {
        Self(
            step: .sample(3, "RUN \(command)"), place: "Dockerfile:4",
            reason: "process \"/bin/sh -c \(command)\" did not complete successfully: exit code: \(status)",
            status: status, lastLines: lines)
    }
}
