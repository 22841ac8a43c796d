// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// A Dockerfile that dsh and BuildKit both build: a folder of `Cases`.
///
/// Beside `Dockerfile` it may have `context.sh`, which makes the other files of the context in its working directory;
/// `flags`, words of the command; `Dockerfile.base`, built before as the image `base`; and `Dockerfile.reference`, the
/// same in words that Docker 20.10 knows, where the case is about newer ones.
struct CrossCase: Sendable, CustomTestStringConvertible {
    let name: String
    var testDescription: String { name }

    /// Where this file is.
    static let directory = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    static let all: [CrossCase] = {
        // An empty list is found by a test.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/Cases")) ?? []
        return names.sorted().map(CrossCase.init)
    }()

    var folder: String { "\(Self.directory)/Cases/\(name)" }

    func text(_ file: String) -> String? { try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8) }

    var flags: [String] { text("flags")?.split(whereSeparator: \.isWhitespace).map(String.init) ?? [] }
    var base: String? { text("Dockerfile.base") == nil ? nil : folder + "/Dockerfile.base" }
    var reference: String? { text("Dockerfile.reference") == nil ? nil : folder + "/Dockerfile.reference" }

    /// Makes the context in `files`, all of it of the year 2001.
    func makeContext(in files: String) async throws -> String {
        let script = """
            mkdir context && cd context && cp '\(folder)/Dockerfile' .
            if [ -f '\(folder)/context.sh' ]; then sh -e '\(folder)/context.sh'; fi
            find . -exec touch -h -d @1000000000 {} +
            """
        try await Program("/bin/sh", ["-ec", script], directory: files).succeed()
        return files + "/context"
    }

    /// The keywords of its instructions, those of its base included.
    var keywords: [String] {
        [text("Dockerfile"), text("Dockerfile.base")].compactMap { $0 }.flatMap(Self.keywords)
    }

    private static func keywords(of text: String) -> [String] {
        var found: [String] = []
        var isContinued = false
        for line in text.split(separator: "\n") {
            let word = line.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
            // Lines of here-documents are no instructions, though some might look like one: none of the cases does.
            if !isContinued, !word.hasPrefix("#"), allKeywords.contains(word.uppercased()) {
                found.append(word.uppercased())
            }
            isContinued = line.hasSuffix("\\") || line.hasSuffix("`") || (isContinued && word.hasPrefix("#"))
        }
        return found
    }

    /// Every instruction of the Dockerfile reference.
    static let allKeywords: Set = [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD",
        "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ]
}
