// SPDX-License-Identifier: Apache-2.0
import Linux
import TestSupport
import Testing

/// Published ports, as a browser on this machine meets them.
struct PublishTests {
    /// `httpd` in a container named `web`, on a port that the engine chose; the port.
    private func serve(_ dsh: DshProgram, _ publish: String...) async throws -> String {
        let page = try dsh.roots.write("a page\n", to: "www/index.html")
        let folder = page.dropLast("/index.html".count)
        let words =
            publish.flatMap { ["-p", $0] } + ["-v", "\(folder):/srv:ro", "starter", "httpd", "-f", "-h", "/srv"]
        _ = try await dsh.program(["run", "-d", "--name", "web"] + words).succeed()
        let ports = try await dsh.succeed("ps", "--format", "{{.Ports}}")
        let first = ports.split(separator: ",").first ?? ""
        let outside = first.split(separator: "->").first?.split(separator: ":").last
        return String(try #require(outside))
    }

    private func get(_ address: String) async throws -> String {
        // The server inside may need a moment to listen.
        let words = ["-s", "--max-time", "10", "--retry", "20", "--retry-all-errors", "--retry-delay", "1", address]
        return try await Program("/usr/bin/curl", words).succeed()
    }

    @Test func `a published port answers on 127.0.0.1, localhost and [::1]`() async throws {
        try await DshProgram.scoped { dsh in
            let port = try await serve(dsh, "80")
            for host in ["127.0.0.1", "localhost", "[::1]"] {
                #expect(try await get("http://\(host):\(port)/") == "a page")
            }
            #expect(try await dsh.succeed("ps", "--format", "{{.Ports}}").contains("0.0.0.0:\(port)->80/tcp"))
        }
    }

    @Test func `a port on one address answers there only`() async throws {
        try await DshProgram.scoped { dsh in
            let port = try await serve(dsh, "127.0.0.1::80")
            #expect(try await get("http://127.0.0.1:\(port)/") == "a page")
            let other = try await Program("/usr/bin/curl", ["-s", "--max-time", "2", "http://[::1]:\(port)/"]).run()
            #expect(other.status != 0)
        }
    }

    @Test func `from another container, by the container's address and by the host's port`() async throws {
        try await DshProgram.scoped { dsh in
            let port = try await serve(dsh, "80")
            let address = try await dsh.succeed("inspect", "--format", "{{.NetworkSettings.IPAddress}}", "web")
            let gateway = try await dsh.succeed("inspect", "--format", "{{.NetworkSettings.Gateway}}", "web")
            for target in ["\(address):80", "\(gateway):\(port)"] {
                #expect(
                    try await dsh.succeed("run", "--rm", "starter", "wget", "-qO-", "http://\(target)/") == "a page")
            }
        }
    }

    @Test func `a port in use is refused before anything starts, and says who holds it`() async throws {
        try await DshProgram.scoped { dsh in
            let port = try await serve(dsh, "80")
            let refused = try await dsh("run", "-d", "--name", "second", "-p", "\(port):80", "starter", "touch", "/ran")
            let second = try await dsh.succeed("inspect", "--format", "{{.Id}}", "second")
            #expect(refused.status == 125)
            // Docker's sentence, and who it is.
            let sentence =
                "driver failed programming external connectivity on endpoint second (\(second)): "
                + "Bind for 0.0.0.0:\(port) failed: port is already allocated (by container web)\n"
            #expect(refused.errorText.contains(sentence), "\(refused.errorText)")
            let hint = refused.errorLines.last?.split(separator: " ").last.map(String.init) ?? ""
            // What it advises works: the mapping that was typed, with a free port.
            #expect(hint.hasSuffix(":80") && hint != "\(port):80")
            try await dsh.succeed("run", "-d", "-p", hint, "starter", "sleep", "600")
            let state = try await dsh.succeed("inspect", "--format", "{{.State.Status}}", "second")
            #expect(state == "created")
        }
    }

    @Test func `the port is free when its container has ended, also by the death of its supervisor`() async throws {
        try await DshProgram.scoped { dsh in
            let port = try await serve(dsh, "80")
            try await dsh.succeed("rm", "-f", "web")
            try await dsh.succeed("run", "-d", "--name", "web", "-p", "\(port):80", "starter", "sleep", "600")
            let monitor = try Monitors(of: dsh).only
            try await Program("/bin/sh", ["-c", "kill -9 \(monitor)"]).succeed()
            #expect(try await dsh.succeed("ps", "-q").isEmpty)
            try await dsh.succeed("run", "-d", "--name", "again", "-p", "\(port):80", "starter", "sleep", "600")
        }
    }

    @Test func `nothing can be reached that listens on the host's loopback only`() async throws {
        try await DshProgram.scoped { dsh in
            let listener = try InternetSocket.bound(.stream, to: InternetAddress(bytes: [127, 0, 0, 1], port: 0))
            let address = listener.localAddress
            let port = "\(try #require(address).port)"
            // From the host itself it is reached: curl is connected, and gives up waiting for words (28, not 7).
            let here = try await Program("/usr/bin/curl", ["-s", "--max-time", "1", "telnet://127.0.0.1:\(port)"]).run()
            #expect(here.status == 28)
            let gateway = try await dsh.succeed(
                "run", "--rm", "starter", "sh", "-c", "ip route | awk '/default/ {print $3}'")
            for target in [gateway, "127.0.0.1"] {
                let reached = try await dsh("run", "--rm", "starter", "nc", "-w", "2", target, port)
                #expect(reached.status != 0 && reached.errorText.contains("refused"), "\(reached.errorText)")
            }
            withExtendedLifetime(listener) {}
        }
    }

    @Test func `of a range for one port the first free one is taken, and none when all are`() async throws {
        try await DshProgram.scoped { dsh in
            let (first, last) = try await freeRange()
            let range = "\(first)-\(last):80"
            for (name, port) in [("one", first), ("two", last)] {
                try await dsh.succeed("run", "-d", "--name", name, "-p", range, "starter", "sleep", "600")
                let bound = try await dsh.succeed("ps", "--filter", "name=\(name)", "--format", "{{.Ports}}")
                #expect(bound == "0.0.0.0:\(port)->80/tcp, [::]:\(port)->80/tcp")
                let asked = try await dsh.succeed("inspect", "--format", "{{json .HostConfig.PortBindings}}", name)
                #expect(asked == #"{"80/tcp":[{"HostIp":"","HostPort":"\#(first)-\#(last)"}]}"#)
            }
            let refused = try await dsh("run", "-d", "-p", range, "starter", "sleep", "600")
            #expect(refused.status == 125 && refused.errorText.contains("all ports are allocated"))
            #expect(refused.errorText.contains(":80\n"), "says what to type")
        }
    }

    /// Two neighbouring ports that nobody has just now.
    private func freeRange() async throws -> (Int, Int) {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<30_000)
            // Taken: another pair then.
            guard (try? InternetSocket.bound(.stream, to: InternetAddress(bytes: [0, 0, 0, 0], port: port))) != nil,
                (try? InternetSocket.bound(.stream, to: InternetAddress(bytes: [0, 0, 0, 0], port: port + 1))) != nil
            else { continue }
            return (Int(port), Int(port) + 1)
        }
        throw ProgramFailure(description: "no two neighbouring ports are free")
    }
}

/// The supervisors that work for an engine.
struct Monitors {
    private let found: [String]

    init(of dsh: DshProgram) {
        found = dsh.roots.leaks.processes.filter { $0.reason.contains("dsh-monitor") }.map { "\($0.number)" }
    }

    var all: [String] { found }

    /// The only one there is.
    var only: String {
        get throws {
            guard found.count == 1 else { throw ProgramFailure(description: "\(found.count) supervisors") }
            return found[0]
        }
    }
}
