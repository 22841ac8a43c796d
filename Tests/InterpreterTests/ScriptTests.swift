// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import ShellLanguage
import Testing

@testable import Interpreter

struct ScriptTests {
    @Test func `a file runs with its arguments`() async throws {
        let stage = try Stage()
        _ = await stage.run("! printf '#!/usr/bin/env dsh\\r\\n! echo $0 $1\\r\\nset A=$2; set\\r\\n' > 'my file.dsh'")
        #expect(await Script.run(path: "my file.dsh", arguments: ["a", "b c"], session: stage.session) == 0)
        #expect(stage.printed == "my file.dsh a\nA=b c\n")
    }

    @Test func `a script on a descriptor is read whole before it runs`() async throws {
        let stage = try Stage()
        _ = await stage.run("! printf '! cat\\n! echo two' > f")
        let file = open("\(stage.directory)/f", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        #expect(await Script.run(descriptor: file, session: stage.session) == 0)
        #expect(stage.printed == "two\n")
    }

    @Test(arguments: [
        ("nope.dsh", 127, "No such file"), (".", 126, "Is a directory"),
        ("bytes", 2, "bytes:1:1: this is not UTF-8 text"),
    ])
    func `what is no script is refused`(name: String, status: Int32, complaint: String) async throws {
        let stage = try Stage()
        _ = await stage.run("! printf '\\377' > bytes")
        #expect(await Script.run(path: name, session: stage.session) == status)
        #expect(stage.complaints.contains(complaint))
    }

    @Test func `a background job ends with the script`() async throws {
        let stage = try Stage()
        let begin = ContinuousClock.now
        #expect(
            await stage.run(
                "! (echo $$ > pid; exec sleep 600) &\nwait web &\n! (while ! test -s pid; do :; done)\n! echo on") == 0)
        #expect(stage.printed == "on\n")
        let pid = try #require(pid_t(stage.contents(of: "pid").filter(\.isNumber)))
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
        #expect(ContinuousClock.now - begin < .seconds(60))
    }

    @Test func `a job that fails in the background says so and stops nothing`() async throws {
        let stage = try Stage()
        _ = await stage.run("! mkfifo pipe")
        // The job's end is told before the next line can have read from the pipe that the job's shell held open.
        #expect(await stage.run("stop nope & \nstop web\n! echo on") == 0)
        #expect(stage.printed == "web\non\n")
    }

    @Test func `an interruption ends a command of dsh, and the script with 130`() async throws {
        let stage = try Stage()
        let interpreter = Interpreter(session: stage.session, name: "t.dsh")
        let begun = stage.engine.hasBegun.stream
        async let outcome = interpreter.run(.init("wait web\n! echo no", name: "t.dsh"))
        for await _ in begun {}
        interpreter.interrupter.interrupt(SIGINT)
        #expect(await outcome.status == 130)
        #expect(stage.printed.isEmpty)
        #expect(stage.complaints.isEmpty)
        // The next line of a prompt is not interrupted any more.
        #expect(await interpreter.run(line: "! echo on").status == 0)
    }

    @Test func `an interruption ends both sides of a pipe`() async throws {
        let stage = try Stage()
        let interpreter = Interpreter(session: stage.session, name: "t.dsh")
        let begun = stage.engine.hasBegun.stream
        async let outcome = interpreter.run(.init("wait web | cat; ! echo no", name: "t.dsh"))
        for await _ in begun {}
        interpreter.interrupter.interrupt(SIGINT)
        #expect(await outcome.status == 130)
        #expect(stage.printed.isEmpty)
    }

    @Test func `a program of a container that runs in the background gets SIGTERM when the script ends`() async throws {
        let stage = try Stage()
        let interpreter = Interpreter(session: stage.session, name: "t.dsh")
        #expect(await interpreter.run(.init("run hang &", name: "t.dsh")).status == 0)
        for await _ in stage.engine.hanging.hasBegun.stream {}
        #expect(stage.engine.hanging.signals.isEmpty)
        await interpreter.end()
        #expect(stage.engine.hanging.signals == [.terminate])
    }

    @Test func `an interruption reaches a program of the host`() async throws {
        let stage = try Stage()
        _ = await stage.run("! mkfifo pipe")
        let interpreter = Interpreter(session: stage.session, name: "t.dsh")
        async let outcome = interpreter.run(.init("! (echo > pipe; exec sleep 600)\n! echo no", name: "t.dsh"))
        // Reading waits for the program's end of the pipe: it runs then.
        let other = Interpreter(session: stage.session)
        #expect(await other.run(line: "! cat pipe").status == 0)
        _ = stage.printed
        interpreter.interrupter.interrupt(SIGTERM)
        #expect(await outcome.status == 143)
        #expect(stage.printed.isEmpty)
    }

    @Test func `nothing is left open after many pipes and files`() async throws {
        let stage = try Stage()
        _ = await stage.run("ps -q | cat > f")
        let before = Self.openDescriptors
        for _ in 0..<20 { _ = await stage.run("ps -q | cat > f; pwd > g; set A=$(echo x); expect pwd; ! true < f") }
        // Other tests open and close too: many more would be ours.
        #expect(Self.openDescriptors < before + 40)
    }

    private static var openDescriptors: Int {
        (0..<2048).count { fcntl(Int32($0), F_GETFD) >= 0 }
    }
}
