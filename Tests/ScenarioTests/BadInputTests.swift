// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// What people get wrong: one clear sentence, the right status, and nothing left behind.
struct BadInputTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let line: String
        let status: Int32
        let sentence: String
        var testDescription: String { line }

        init(_ line: String, _ status: Int32, _ sentence: String) {
            self.line = line
            self.status = status
            self.sentence = sentence
        }
    }

    static let rows: [Row] = [
        // Words that are no commands.
        Row("docker os", 1, "Did you mean: ps"),
        Row("docer run starter", 1, "docker run"),
        Row("dokcer ps", 1, "docker ps"),
        Row("pss", 1, "ps"),
        Row("container lss", 1, "container ls"),
        Row("frobnicate", 1, "unknown command: frobnicate"),
        Row("swarm init", 1, "swarm"),
        // Flags.
        Row("run --no-such-flag starter", 125, "unknown flag: --no-such-flag"),
        Row("run -Z starter", 125, "unknown shorthand flag: 'Z' in -Z"),
        Row("run --name", 125, "flag needs an argument: --name"),
        Row("run -p", 125, "flag needs an argument: 'p' in -p"),
        Row("ps --no-such-flag", 125, "unknown flag: --no-such-flag"),
        Row("run --gpus all starter", 125, "--gpus"),
        Row("run --restart always starter", 125, "--restart"),
        Row("run --rm=maybe starter true", 125, "invalid argument \"maybe\" for \"--rm\" flag"),
        Row("run", 1, "requires at least 1 argument"),
        Row("rename one", 1, "requires 2 arguments"),
        Row("cp one", 1, "requires 2 arguments"),
        Row("tag one", 1, "requires 2 arguments"),
        // Values.
        Row("run -p 65536:80 starter", 125, "65536"),
        Row("run -p a:b starter", 125, "a"),
        Row("run -p 80/sctp starter", 125, "sctp"),
        Row("run -p 127.0.0.999:1:80 starter", 125, "127.0.0.999"),
        Row("run -p 5000-5001:80-82 starter", 125, "5000-5001"),
        Row("run -m 1k starter", 125, "6MB"),
        Row("run -m lots starter", 125, "lots"),
        Row("run --cpus 0.x starter", 125, "0.x"),
        Row("run --cpus 10000 starter", 125, "CPUs"),
        Row("run --pids-limit many starter", 125, "many"),
        Row("run --cap-add NOPE starter", 125, "NOPE"),
        Row("run --network nowhere starter", 125, "nowhere"),
        Row("run -w relative starter", 125, "it needs to be an absolute path"),
        Row("run --rm -u no-such-user starter", 125, "unable to find user no-such-user"),
        Row("run --rm -u 1:no-such-group starter", 125, "no-such-group"),
        Row("run --stop-signal SIGNOPE starter", 125, "SIGNOPE"),
        Row("run --stop-timeout soon starter", 125, "soon"),
        Row("run --tmpfs relative starter", 125, "relative"),
        Row("run -v /no/such/host/path:/x:rx starter", 125, "rx"),
        Row("run -v relative-name:relative starter", 125, "relative"),
        Row("run --mount type=bind,target=/x starter", 125, "Source"),
        Row("run --mount type=bind,source=/no/such/path,target=/x starter", 125, "/no/such/path"),
        Row("run --env-file no-such-file starter", 125, "no-such-file"),
        Row("run --name -bad starter", 125, "-bad"),
        Row("run --name a/b starter", 125, "Invalid container name (a/b)"),
        Row("run --pull sometimes starter", 125, "sometimes"),
        Row("run --detach-keys ctrl-!! starter", 125, "ctrl-!!"),
        Row("logs --tail some starter", 125, "some"),
        Row("logs --since yesterday x", 125, "yesterday"),
        Row("stop -t soon x", 125, "soon"),
        Row("kill -s NOPE x", 125, "NOPE"),
        Row("ps --filter nonsense", 125, "filter"),
        Row("ps --filter nonsense=1", 1, "nonsense"),
        Row("ps --format {{.Nope}}", 1, "Nope"),
        Row("ps --format {{", 1, "template"),
        // Images.
        Row("run Starter", 125, "starter"),
        Row("run starter:lastest", 125, "starter:latest"),
        Row("run starter:-x", 125, "invalid reference format"),
        Row("run node", 125, "Unable to find image 'node:latest' locally"),
        Row("run ''", 125, "invalid reference format"),
        Row("tag starter UPPER", 1, "upper"),
        Row("rmi no-such", 1, "No such image: no-such:latest"),
        Row("save no-such", 1, "No such image: no-such:latest"),
        Row("history no-such", 1, "No such image: no-such:latest"),
        Row("load -i no-such.tar", 1, "no-such.tar"),
        Row("import no-such.tar", 1, "no-such.tar"),
        // Containers.
        Row("start nobody", 1, "No such container: nobody"),
        Row("stop nobody", 1, "No such container: nobody"),
        Row("rm nobody", 1, "No such container: nobody"),
        Row("kill nobody", 1, "No such container: nobody"),
        Row("wait nobody", 1, "No such container: nobody"),
        Row("logs nobody", 1, "No such container: nobody"),
        Row("exec nobody true", 1, "No such container: nobody"),
        Row("attach nobody", 1, "No such container: nobody"),
        Row("rename nobody else", 1, "No such container: nobody"),
        Row("cp nobody:/x .", 1, "No such container: nobody"),
        Row("inspect nobody", 1, "No such object: nobody"),
        Row("restart nobody", 1, "No such container: nobody"),
        // A flag after the image is the program's.
        Row("run --rm starter -p 80:80", 127, "-p"),
        // Without a current one, a name must be given.
        Row("stop", 1, "container"),
        Row("rm", 1, "container"),
        // Not a file either.
        Row("no-such-file.dsh", 1, "no-such-file.dsh"),
    ]

    @Test(arguments: rows)
    func `bad input is answered by one sentence, and leaves nothing`(row: Row) async throws {
        try await DshProgram.scoped { dsh in
            let words = row.line.split(separator: " ").map { $0 == "''" ? "" : String($0) }
            let result = try await dsh.program(words).run(within: .seconds(20))
            #expect(result.status == row.status, "\(result.errorText)")
            #expect(result.errorText.contains(row.sentence), "\(result.errorText)")
            #expect(result.text.isEmpty || row.line == "inspect nobody")
            #expect(result.errorLines.count <= 6, "\(result.errorText)")
            #expect(!result.errorText.contains("Swift") && !result.errorText.contains("(code:"), "\(result.errorText)")
            let left = try await dsh.succeed("ps", "-aq")
            // Where the program could not be started, Docker keeps the container.
            #expect(left.isEmpty)
        }
    }

    @Test func `the same in Korean: the sentence that people search for, and the hint in their language`() async throws
    {
        try await DshProgram.scoped(environment: ["LANG": "ko_KR.UTF-8"]) { dsh in
            let missing = try await dsh("run", "node")
            #expect(missing.errorText.contains("Unable to find image 'node:latest' locally"))
            #expect(missing.errorText.unicodeScalars.contains { (0xac00...0xd7a3).contains($0.value) })
            let help = try await dsh("ps", "--help")
            #expect(help.status == 0 && help.text.unicodeScalars.contains { (0xac00...0xd7a3).contains($0.value) })
        }
    }

    @Test func `an ordinary user gets one sentence with the line to type`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let program = DshProgram.builtDirectory + "/dsh"
            let line = "cd /; exec setpriv --reuid 65534 --regid 65534 --clear-groups \(program) ps"
            let result = try await Program(
                "/bin/sh", ["-c", line], environment: ["DSH_ROOT": roots.root, "DSH_RUN": roots.run]
            ).run()
            // A build folder in root's home cannot even be executed by others.
            if result.status == 126 || result.status == 127 { return }
            #expect(result.status == 125 && result.errorLines.count == 1)
            #expect(result.errorText.contains("sudo \(program) ps"))
        }
    }
}
