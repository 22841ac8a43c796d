// SPDX-License-Identifier: Apache-2.0
import Dockerfile
import Testing

/// Reads a text that is right; the lines of `FROM` that most tests do not care about are added where there are none.
func document(_ text: String) throws -> DockerfileDocument {
    try DockerfileDocument.parse(DockerfileText(text, name: "Dockerfile"))
}

/// The only instruction behind `FROM a`.
func instruction(_ text: String) throws -> Instruction {
    let stage = try #require(try document("FROM a\n" + text).stages.first)
    return try #require(stage.instructions.first)
}

/// What is wrong with a text.
func mistake(_ text: String) -> DockerfileError? {
    do throws(DockerfileError) {
        _ = try DockerfileDocument.parse(DockerfileText(text, name: "Dockerfile"))
        return nil
    } catch {
        return error
    }
}

/// A fixed sequence, so that a failure can be seen again.
struct Sequence: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }

    /// Some of the fragments, one after another.
    mutating func text(_ fragments: [String], _ count: Int) -> String {
        (0..<Int.random(in: 0...count, using: &self)).map { _ in fragments.randomElement(using: &self) ?? "" }.joined()
    }
}

/// Thrown by a test that meets another instruction than it wrote.
struct OtherInstruction: Error {}
