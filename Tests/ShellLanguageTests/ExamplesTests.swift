// SPDX-License-Identifier: Apache-2.0
import Glibc
import ShellLanguage
import Testing

struct ExamplesTests {
    @Test(arguments: ["hello.dsh", "containers.dsh"])
    func `the examples can be read, and mean the same when they are written anew`(name: String) throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = open("/\(root)/Examples/\(name)", O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(file, &bytes, bytes.count)
        let program = try Program(parsing: try SourceText(bytes: Array(bytes[..<max(0, count)]), name: name))
        #expect(program.statements.count > 5)
        #expect("\(try Program(parsing: SourceText("\(program)")))" == "\(program)")
    }
}
