// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// What a beginners' course on containers types, with and without the word `docker`, as commands and in files.
struct CourseTests {
    /// A line and what it must print, on either stream.
    typealias Step = (line: String, status: Int32, prints: String)

    /// Runs lines as `dsh WORDS…`; `NAME=` at the front keeps a line's output for the lines that follow.
    private func follow(_ dsh: DshProgram, _ steps: [Step], docker: Bool) async throws {
        for step in steps {
            let words = (docker ? ["docker"] : []) + step.line.split(separator: " ").map(String.init)
            let result = try await dsh.program(words).run()
            let said = result.text + result.errorText
            #expect(result.status == step.status, "\(step.line): \(said)")
            #expect(step.prints.isEmpty || said.contains(step.prints), "\(step.line): \(said)")
        }
    }

    @Test(arguments: [true, false])
    func `20 to 36, on the image that is simply there`(docker: Bool) async throws {
        try await DshProgram.scoped { dsh in
            try dsh.roots.write("from outside\n", to: "dummy/test.txt")
            try await follow(
                dsh,
                [
                    ("run node", 125, "Unable to find image 'node:latest' locally"),
                    ("run starter", 0, ""),
                    ("ps -a", 0, "Exited (0)"),
                    ("--help", 0, "Usage"), ("ps --help", 0, "--all"), ("run --help", 0, "--publish"),
                    ("start --help", 0, "--attach"),
                    ("run -d --name web starter sleep 600", 0, ""),
                    ("ps", 0, "web"),
                    ("stop -t 0 web", 0, "web"),
                    ("ps -a", 0, "Exited (137)"),
                    ("start web", 0, "web"),
                    ("logs web", 0, ""),
                    ("rm web", 1, "cannot remove container"),
                    ("cp dummy/. web:/test", 0, ""),
                    ("exec web cat /test/test.txt", 0, "from outside"),
                    ("cp web:/test dummy", 0, ""),
                    ("cp web:/test/test.txt dummy", 0, ""),
                    ("stop -t 0 web", 0, "web"),
                    ("cp dummy/. web:/again", 0, ""),
                    ("rm web", 0, "web"),
                    ("images", 0, "starter"),
                    ("rmi starter", 1, "conflict"),
                    ("container prune -f", 0, "Deleted Containers"),
                    ("rmi starter", 0, "Deleted: sha256:"),
                    ("image prune -f", 0, "Total reclaimed space"),
                    ("image restore-starters", 0, ""),
                    ("run -d --rm --name short starter sleep 600", 0, ""),
                    ("stop -t 0 short", 0, "short"),
                    ("stop short", 1, "No such container: short"),
                    ("image inspect starter", 0, "\"RootFS\""),
                    ("tag starter academind/node-hello-world", 0, ""),
                    ("images", 0, "academind/node-hello-world"),
                ], docker: docker)
        }
    }

    @Test func `32: a program that asks, with -i, with -it, and started again`() async throws {
        try await DshProgram.scoped { dsh in
            let script = "printf 'min: '; read a || exit 1; printf 'max: '; read b || exit 1; echo sum $((a+b))"
            let file = try dsh.roots.write(script, to: "asks.sh")
            let words = ["-v", "\(file):/asks.sh", "starter", "sh", "/asks.sh"]
            #expect(try await dsh.program(["run"] + words).run().status == 1, "no input: the end of it at once")
            try await PseudoTerminal.running(dsh.program(["run", "-it", "--name", "asks"] + words)) { terminal in
                try await terminal.waitFor("min:")
                terminal.type("20\r")
                try await terminal.waitFor("max:")
                terminal.type("22\r")
                try await terminal.waitFor("sum 42")
                #expect(try await terminal.program.waitForEnd().status == 0)
            }
            try await PseudoTerminal.running(dsh.program(["start", "-a", "-i", "asks"])) { terminal in
                try await terminal.waitFor("min:")
                terminal.type("1\r2\r")
                try await terminal.waitFor("sum 3")
                #expect(try await terminal.program.waitForEnd().status == 0)
            }
        }
    }

    @Test func `23: a server holds one terminal, and is stopped from another`() async throws {
        try await DshProgram.scoped { dsh in
            let program = dsh.program([
                "run", "--init", "-p", "80", "--name", "web", "starter", "sh", "-c", "echo listening; exec httpd -f",
            ])
            try await PseudoTerminal.running(program) { first in
                try await first.waitFor("listening")
                try await PseudoTerminal.running(dsh.program(["ps"])) { second in
                    try await second.waitFor("->80/tcp")
                    _ = try await second.program.waitForEnd()
                }
                #expect(try await dsh.succeed("stop", "web") == "web")
                #expect(try await first.program.waitForEnd().status == 143)
            }
        }
    }

    @Test(arguments: ["hello.dsh", "containers.dsh", "build.dsh"])
    func `the examples run`(name: String) async throws {
        try await DshProgram.scoped { dsh in
            let examples = try Self.checkout() + "/Examples"
            let ports = [try FreePort(), try FreePort()].map { "\($0.number)" }
            let result = try await dsh.program(["\(examples)/\(name)"] + ports).run(within: .seconds(240))
            #expect(result.status == 0, "\(result.text)\(result.errorText)")
        }
    }

    @Test func `a script stops at its first failure, with file, line, column and status`() async throws {
        try await DshProgram.scoped { dsh in
            let file = try dsh.roots.write("images\n\n  rm nobody\nrun --rm starter echo never\n", to: "lesson.dsh")
            let result = try await dsh(file)
            #expect(result.status == 1)
            #expect(result.errorText.contains("lesson.dsh:3:3:"))
            #expect(!result.text.contains("never"))
            let piped = try await dsh(input: "run --rm starter echo from standard input\n")
            #expect(piped.text == "from standard input\n")
        }
    }

    /// The folder that holds Package.swift, above the build folder.
    private static func checkout() throws -> String {
        var folder = DshProgram.builtDirectory
        while !folder.isEmpty, access(folder + "/Package.swift", F_OK) != 0 {
            folder = String(folder.dropLast(folder.reversed().prefix { $0 != "/" }.count + 1))
        }
        guard !folder.isEmpty else { throw ProgramFailure(description: "no Package.swift above the tests") }
        return folder
    }
}

/// A port of 127.0.0.1 that nobody listened on a moment ago.
struct FreePort {
    let number: UInt16

    init() throws {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) != 0 || getsockname(socket, $0, &length) != 0
            }
        }
        guard !failed else { throw ProgramFailure(description: "bind: \(String(cString: strerror(errno)))") }
        number = UInt16(bigEndian: address.sin_port)
    }
}
