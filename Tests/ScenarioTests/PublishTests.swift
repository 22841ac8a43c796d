// SPDX-License-Identifier: Apache-2.0
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
            #expect(refused.status == 125)
            #expect(refused.errorText.contains("port is already allocated") && refused.errorText.contains("web"))
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
            let nc = Program("/bin/busybox", ["nc", "-l", "-p", "0", "-s", "127.0.0.1", "-v"])
            try await nc.whileRunning { listening in
                _ = await listening.wait(within: .seconds(10)) { $0.errorText.contains("listening on") }
                let port = String(listening.snapshot.errorText.split(separator: ":").last?.prefix { $0.isNumber } ?? "")
                try #require(!port.isEmpty)
                let gateway = try await dsh.succeed(
                    "run", "--rm", "starter", "sh", "-c", "ip route | awk '/default/ {print $3}'")
                let reached = try await dsh("run", "--rm", "starter", "nc", "-w", "2", gateway, port)
                #expect(reached.status != 0)
            }
        }
    }
}

/// The supervisors that work for an engine.
struct Monitors {
    private let found: [String]

    init(of dsh: DshProgram) {
        found = dsh.roots.leaks.processes.filter { $0.reason.contains("dsh-monitor") }.map { "\($0.number)" }
    }

    /// The only one there is.
    var only: String {
        get throws {
            guard found.count == 1 else { throw ProgramFailure(description: "\(found.count) supervisors") }
            return found[0]
        }
    }
}
