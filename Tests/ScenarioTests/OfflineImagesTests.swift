// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

/// Where `debian.tar`, `python.tar` and `node.tar` are; `nil` where there are none.
private let madeImages = getenv("DSH_TEST_IMAGES").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }

/// The course's lines on the images that `Scripts/offline-images` makes. `Scripts/test` makes them where a Debian mirror
/// can be reached, or was once, and says so where not.
@Suite(.serialized, .enabled(if: madeImages != nil, "no images: DSH_TEST_IMAGES names no folder"))
struct OfflineImagesTests {
    /// Runs `body` on an engine with one of the images.
    private func with(_ image: String, _ body: (DshProgram) async throws -> Void) async throws {
        let folder = try #require(madeImages)
        try await DshProgram.scoped { dsh in
            let loaded = try await dsh.program(["load", "-i", "\(folder)/\(image).tar"]).run(within: .seconds(180))
            #expect(
                loaded.status == 0 && loaded.text.contains("Loaded image: \(image):latest\n"), "\(loaded.errorText)")
            try await body(dsh)
        }
    }

    @Test func `debian: bash at once, and what it says about itself`() async throws {
        try await with("debian") { dsh in
            let version = try await dsh.succeed("run", "--rm", "debian", "cat", "/etc/debian_version")
            #expect(
                try await dsh.succeed("run", "--rm", "debian:\(version)", "echo", "by its version") == "by its version")
            #expect(
                try await dsh.succeed("image", "inspect", "--format", "{{json .Config.Cmd}}", "debian") == "[\"bash\"]")
            let title = "{{index .Config.Labels \"org.opencontainers.image.title\"}}"
            #expect(try await dsh.succeed("image", "inspect", "--format", title, "debian") == "debian")
            try await PseudoTerminal.running(dsh.program(["run", "-it", "--rm", "-h", "box", "debian"])) { terminal in
                try await terminal.wait(for: "bash's prompt") { $0.currentLine == "root@box:/#" }
                terminal.type("exit 4\r")
                #expect(try await terminal.program.waitForEnd().status == 4)
            }
        }
    }

    @Test func `32: a Python program that asks, without input, with -it, and started again`() async throws {
        try await with("python") { dsh in
            #expect(try await dsh("run", "--rm", "python").status == 0, "no input: the end of it at once")
            let program = """
                low = int(input("Smallest number: "))
                high = int(input("Largest number: "))
                print("사이에", high - low + 1)

                """
            try dsh.roots.write(program, to: "between.py")
            let words = ["-v", ".:/app", "-w", "/app", "python", "python", "between.py"]
            let blind = try await dsh.program(["run"] + words).run()
            #expect(blind.status == 1 && blind.errorText.contains("EOFError: EOF when reading a line"))
            let calls = [["run", "-it", "--name", "asks"] + words, ["start", "-a", "-i", "asks"]]
            for call in calls {
                try await PseudoTerminal.running(dsh.program(call)) { terminal in
                    try await terminal.waitFor("Smallest number:")
                    terminal.type("20\r")
                    try await terminal.waitFor("Largest number:")
                    terminal.type("61\r")
                    try await terminal.waitFor("사이에 42")
                    #expect(try await terminal.program.waitForEnd().status == 0)
                }
            }
            try await PseudoTerminal.running(dsh.program(["run", "-it", "--rm", "python"])) { terminal in
                try await terminal.wait(for: "the prompt") { $0.currentLine == ">>>" }
                terminal.type("print('answer', 6 * 7)\r")
                try await terminal.wait(for: "the answer") { $0.lines.contains("answer 42") }
                terminal.type("exit()\r")
                #expect(try await terminal.program.waitForEnd().status == 0)
            }
        }
    }

    @Test func `20 to 24: node without a terminal, with one, two at once, and a server with express`() async throws {
        try await with("node") { dsh in
            try await endsAtOnce(dsh)
            try await talks(dsh)
            try await installs(dsh)
            try await serves(dsh)
        }
    }

    private func endsAtOnce(_ dsh: DshProgram) async throws {
        let silent = try await dsh("run", "node")
        #expect(silent.status == 0 && silent.text.isEmpty && silent.errorText.isEmpty)
        let row = try await dsh.succeed("ps", "-a", "--format", "{{.Image}} {{.Status}} {{.Names}}")
        #expect(row.hasPrefix("node Exited (0) ") && row.split(separator: " ").last?.contains("_") == true, "\(row)")
        #expect(try await dsh.succeed("run", "--rm", "node", "-v").hasPrefix("v"))
        #expect(try await dsh.succeed("run", "--rm", "node", "-p", "process.pid") == "1")
    }

    private func talks(_ dsh: DshProgram) async throws {
        try await PseudoTerminal.running(dsh.program(["run", "-it", "node"])) { first in
            try await first.waitFor("Welcome to Node.js")
            try await first.wait(for: "the prompt") { $0.currentLine == ">" }
            first.type("mine = 42; console.log('answer', mine)\r")
            try await first.wait(for: "the answer") { $0.lines.contains("answer 42") }
            try await PseudoTerminal.running(dsh.program(["run", "-it", "--rm", "node"])) { second in
                try await second.wait(for: "the prompt") { $0.currentLine == ">" }
                second.type("console.log('mine is', typeof mine)\r")
                try await second.wait(for: "the answer") { $0.lines.contains("mine is undefined") }
                let running = try await dsh.succeed("ps", "--format", "{{.Image}}")
                #expect(running == "node\nnode")
                second.type(".exit\r")
                #expect(try await second.program.waitForEnd().status == 0)
            }
            first.type("\u{3}")
            try await first.waitFor("(To exit, press Ctrl+C again or Ctrl+D or type .exit)")
            first.type("\u{3}")
            #expect(try await first.program.waitForEnd().status == 0)
        }
    }

    private func installs(_ dsh: DshProgram) async throws {
        let manifest = """
            {"name": "goals", "version": "1.0.0", "dependencies": {"express": "^4.17.1", "body-parser": "1.19.0"}}

            """
        try dsh.roots.write(manifest, to: "package.json")
        let words = ["run", "--rm", "--network", "none", "-v", ".:/app", "-w", "/app", "node", "npm", "install"]
        let result = try await dsh.program(words).run(within: .seconds(120))
        #expect(result.status == 0, "\(result.text)\(result.errorText)")
        #expect(
            result.errorText.contains("registry.npmjs.org cannot be reached; installing from what this image carries"))
        #expect(result.errorText.contains("package.json wants body-parser 1.19.0; this image has "))
        for package in ["express", "body-parser"] {
            #expect(access("\(dsh.roots.files)/node_modules/\(package)/package.json", F_OK) == 0)
        }
        #expect(try await Program("/bin/cat", [dsh.roots.files + "/package.json"]).succeed() + "\n" == manifest)
    }

    private func serves(_ dsh: DshProgram) async throws {
        let server = """
            const app = require('express')()
            let goal = 'Learn containers'
            app.use(require('body-parser').urlencoded({ extended: false }))
            app.get('/', (request, response) => response.send(`<h2>${goal}</h2>`))
            app.post('/store-goal', (request, response) => { goal = request.body.goal; response.redirect('/') })
            app.listen(80, () => console.log('listening'))

            """
        try dsh.roots.write(server, to: "server.js")
        let port = try FreePort().number
        try await dsh.succeed(
            "run", "-d", "--rm", "--name", "goals", "-p", "\(port):80", "-v", ".:/app", "-w", "/app", "node", "node",
            "server.js")
        try await dsh.program(["logs", "-f", "goals"]).whileRunning { try await $0.waitForOutput("listening") }
        #expect(try await dsh.succeed("ps").contains("0.0.0.0:\(port)->80/tcp"))
        let page = "http://localhost:\(port)"
        #expect(try await Program("/usr/bin/curl", ["-s", page]).succeed() == "<h2>Learn containers</h2>")
        let answer = try await Program("/usr/bin/curl", ["-sL", "-d", "goal=Rest", page + "/store-goal"]).succeed()
        #expect(answer == "<h2>Rest</h2>")
        try await dsh.succeed("stop", "-t", "0", "goals")
        #expect(try await dsh.succeed("ps", "-a", "--format", "{{.Names}}").contains("goals") == false)
    }

    // MARK: 21 to 26: images of one's own

    private static let server = """
        const app = require('express')()
        app.use(require('body-parser').urlencoded({ extended: false }))
        app.get('/', (request, response) => response.send('<h2>first</h2>'))
        app.listen(80, () => console.log('listening'))

        """

    @Test func `21 to 26: the course's Node app is built, run, changed and built again`() async throws {
        try await with("node") { dsh in
            let manifest = """
                {"name": "goals", "version": "1.0.0", "dependencies": {"express": "^4.17.1", "body-parser": "1.19.0"}}

                """
            try dsh.roots.write(manifest, to: "app/package.json")
            try dsh.roots.write(Self.server, to: "app/server.js")
            let late =
                "FROM node\nWORKDIR /app\nCOPY . /app\nRUN npm install\nEXPOSE 80\nCMD [\"node\", \"server.js\"]\n"
            try dsh.roots.write(late, to: "app/Dockerfile")
            let first = try await dsh.program(["build", "-t", "goals", "app"]).run(within: .seconds(180))
            #expect(first.status == 0 && first.text.contains("Successfully tagged goals:latest"), "\(first.errorText)")
            #expect(try await page(of: "goals", dsh) == "<h2>first</h2>")

            // An image is a snapshot: the old page, until it is built again, with npm install before the files.
            try dsh.roots.write(Self.server.replacing("first", with: "second"), to: "app/server.js")
            #expect(try await page(of: "goals", dsh) == "<h2>first</h2>")
            let early = late.replacing("COPY .", with: "COPY package.json /app\nRUN npm install\nCOPY .")
                .replacing("COPY . /app\nRUN npm install\n", with: "COPY . /app\n")
            try dsh.roots.write(early, to: "app/Dockerfile")
            #expect(try await dsh.program(["build", "-t", "goals", "app"]).run(within: .seconds(180)).status == 0)
            #expect(try await page(of: "goals", dsh) == "<h2>second</h2>")
            try dsh.roots.write(Self.server.replacing("first", with: "third, longer"), to: "app/server.js")
            let third = try await dsh.program(["build", "-t", "goals", "app"]).run(within: .seconds(60))
            #expect(third.errorText.contains("RUN npm install\n  CACHED (Using cache)"), "\(third.errorText)")
            #expect(third.errorText.contains("Cache ends here, step 5: server.js changed: size"))
            #expect(try await page(of: "goals", dsh) == "<h2>third, longer</h2>")
            #expect(
                try await dsh.succeed("layers", "goals", "/app/node_modules/express/package.json").contains(
                    "npm install"))
        }
    }

    /// What the server of an image answers.
    private func page(of image: String, _ dsh: DshProgram) async throws -> String {
        let port = try FreePort().number
        try await dsh.succeed("run", "-d", "--rm", "--init", "--name", "page", "-p", "\(port):80", image)
        try await dsh.program(["logs", "-f", "page"]).whileRunning { try await $0.waitForOutput("listening") }
        let answer = try await Program("/usr/bin/curl", ["-s", "http://localhost:\(port)"]).succeed()
        try await dsh.succeed("stop", "page")
        return answer
    }

    @Test func `32: a Python program is built into an image and asks`() async throws {
        try await with("python") { dsh in
            try dsh.roots.write("print('sum', int(input('a ')) + int(input('b ')))\n", to: "app/sum.py")
            try dsh.roots.write(
                "FROM python\nWORKDIR /app\nCOPY . /app\nCMD [\"python\", \"sum.py\"]\n", to: "app/Dockerfile")
            #expect(try await dsh.program(["build", "-t", "sum", "app"]).run(within: .seconds(120)).status == 0)
            #expect(try await dsh("run", "--rm", "sum").errorText.contains("EOFError"))
            let asked = try await dsh.program(["run", "-i", "--rm", "sum"]).run(input: Array("20\n22\n".utf8))
            #expect(asked.text == "a b sum 42\n")
        }
    }
}
