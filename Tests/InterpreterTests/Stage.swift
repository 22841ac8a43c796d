// SPDX-License-Identifier: Apache-2.0
import Commands
import Glibc
import Interpreter
import ShellLanguage
import Terminal
import Testing

/// A directory of its own with a session in it, and what was printed.
struct Stage: ~Copyable {
    let directory: String
    let engine = StubEngine()
    let output = Output.inMemory()
    let error = Output.inMemory()
    let session: Session
    private let nothing: Int32

    init(_ kind: SessionState.Kind = .script, language: Language = .english) throws {
        var template = Array("/tmp/dsh-language-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        let engine = engine
        let state = SessionState(kind: kind, directory: directory, language: language) { engine }
        session = Session(state, streams: Streams(input: nothing, output: output, error: error))
    }

    deinit {
        close(nothing)
        let names = (try? Self.names(in: directory)) ?? []  // what cannot be listed cannot be removed either
        for name in names { unlink("\(directory)/\(name)") }
        rmdir("\(directory)/sub")
        rmdir(directory)
    }

    private static func names(in directory: String) throws -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names
    }

    /// Runs a text as the file `t.dsh`.
    func run(_ text: String, _ arguments: String...) async -> Int32 {
        let interpreter = Interpreter(session: session, name: "t.dsh", arguments: arguments)
        let status = await interpreter.run(SourceText(text, name: "t.dsh")).status
        await interpreter.end()
        return status
    }

    var printed: String { String(decoding: output.takeCollected(), as: UTF8.self) }
    var complaints: String { String(decoding: error.takeCollected(), as: UTF8.self) }

    func contents(of name: String) -> String {
        let file = open("\(directory)/\(name)", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(file, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
