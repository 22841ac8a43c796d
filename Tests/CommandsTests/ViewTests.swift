// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import Commands

struct ViewTests {
    private static let now = Timestamp(nanoseconds: 1_714_566_896_000_000_000)

    private static func ago(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: now.nanoseconds - seconds * 1_000_000_000)
    }

    @Test(arguments: [
        (ContainerState(status: .running, startedAt: ago(180)), "Up 3 minutes"),
        (ContainerState(status: .running, startedAt: ago(0)), "Up Less than a second"),
        (ContainerState(status: .running, startedAt: ago(61)), "Up About a minute"),
        (ContainerState(status: .paused, startedAt: ago(7200)), "Up 2 hours (Paused)"),
        (ContainerState(status: .exited, exitCode: 0, finishedAt: ago(7200)), "Exited (0) 2 hours ago"),
        (ContainerState(status: .exited, exitCode: 137, finishedAt: ago(5)), "Exited (137) 5 seconds ago"),
        (ContainerState(status: .created), "Created"), (ContainerState(status: .removing), "Removal In Progress"),
        (ContainerState(status: .dead), "Dead"),
        (ContainerState(status: .restarting, exitCode: 1, finishedAt: ago(2)), "Restarting (1) 2 seconds ago"),
    ])
    func `a state is told in Docker's words`(state: ContainerState, text: String) throws {
        let row = ContainerRow(summary: try .sample("web", state: state), isShort: true, now: Self.now)
        #expect(row.status == text)
    }

    @Test(arguments: [
        ([], ""), (["3000:80"], "0.0.0.0:3000->80/tcp, [::]:3000->80/tcp"),
        (["127.0.0.1:3000:80"], "127.0.0.1:3000->80/tcp"),
        (["80"], "80/tcp"), (["80", "443"], "80/tcp, 443/tcp"), (["80", "81", "82"], "80-82/tcp"),
        (["53/udp", "53"], "53/tcp, 53/udp"),
        (["[::1]:8080:8080"], "[::1]:8080->8080/tcp"),
        (["80:80", "81:81"], "0.0.0.0:80-81->80-81/tcp, [::]:80-81->80-81/tcp"),
        (["8000:80", "8001:81"], "0.0.0.0:8000->80/tcp, [::]:8000->80/tcp, 0.0.0.0:8001->81/tcp, [::]:8001->81/tcp"),
        (["443", "3000:80"], "443/tcp, 0.0.0.0:3000->80/tcp, [::]:3000->80/tcp"), (["80", "82"], "80/tcp, 82/tcp"),
    ])
    func `ports are shown as Docker shows them`(ports: [String], text: String) throws {
        let published = try ports.flatMap { try PortMapping.parse($0[...]) }.map { PublishedPort($0) }
        #expect(PortsText(published).text == text)
    }

    @Test(arguments: [
        (["sh"], "\"sh\""), (["docker-entrypoint.sh", "node"], "\"docker-entrypoint.s…\""),
        (["sh", "-c", "echo \"hi\""], "\"sh -c echo \\\"hi\\\"\""), (["a\u{1B}[31mb"], "\"a\\x1b[31mb\""),
        (["가나다라마바사아자차카"], "\"가나다라마바사아자…\""),
    ])
    func `a command is cut to twenty columns in Go's quotes`(command: [String], text: String) throws {
        let row = ContainerRow(summary: try .sample("web", command: command), isShort: true, now: Self.now)
        #expect(row.command == text)
    }

    @Test func `ps is Docker's table`() async throws {
        let typist = Typist()
        try typist.engine.with { contents in
            contents.containers = [
                try .sample("web", state: .init(status: .running, startedAt: ContainerRow.past(200))),
                try .sample(
                    "brave_otter", state: .init(status: .exited, exitCode: 1, finishedAt: ContainerRow.past(7300)),
                    image: "한국어/앱"),
            ]
        }
        #expect(
            await typist("ps -a").output == """
                CONTAINER ID   IMAGE       COMMAND                  CREATED             STATUS                   PORTS     NAMES
                0123456789ab   node        "docker-entrypoint.s…"   About an hour ago   Up 3 minutes                       web
                0123456789ab   한국어/앱   "docker-entrypoint.s…"   About an hour ago   Exited (1) 2 hours ago             brave_otter

                """)
        #expect(typist.engine.with { $0.query } == ContainerQuery(all: true))
        #expect(await typist("ps -q").output == "0123456789ab\n0123456789ab\n")
        #expect(await typist("ps -q --no-trunc").output.hasPrefix(RecordingEngine.id + "\n"))
    }

    @Test(arguments: [
        ("{{.Names}}", "web\n"), ("{{.ID}}: {{.Image}}", "0123456789ab: node\n"),
        ("table {{.Names}}\\t{{.State}}", "NAMES     STATE\nweb       running\n"),
        ("{{.Label \"a\"}}|{{.Labels}}", "b|a=b,c=\n"), ("{{json .Names}}", "\"web\"\n"),
        ("table {{.Names}}", "NAMES\nweb\n"),
        ("{{upper .State}}", "RUNNING\n"),
    ])
    func `ps takes Docker's templates`(format: String, output: String) async throws {
        let typist = Typist()
        try typist.engine.with { try $0.containers = [.sample("web", labels: ["a": "b", "c": ""])] }
        let seen = await typist.type(["ps", "--format", format])
        #expect(seen == Seen(status: 0, output: output, error: ""))
    }

    @Test func `json has every field of Docker's, sorted`() async throws {
        let typist = Typist()
        try typist.engine.with { try $0.containers = [.sample("web")] }
        let line = await typist("ps --format json").output
        let names = [
            "Command", "CreatedAt", "ID", "Image", "Labels", "LocalVolumes", "Mounts", "Names", "Networks", "Ports",
            "RunningFor",
            "Size", "State", "Status",
        ]
        var rest = line[...]
        for name in names {
            let place = try #require(rest.firstRange(of: "\"\(name)\":"))
            rest = rest[place.upperBound...]
        }
        #expect(line.hasPrefix("{") && line.hasSuffix("}\n"))
    }

    @Test(arguments: ["{{.Nope}}", "{{", "{{.Names}} {{end}}"])
    func `a template that cannot be meant is refused`(format: String) async throws {
        let typist = Typist()
        try typist.engine.with { try $0.containers = [.sample("web")] }
        let seen = await typist.type(["ps", "--format", format])
        #expect(seen.status != 0 && seen.output == "" && seen.error.contains("template"))
    }

    @Test func `ps asks for what its flags say`() async throws {
        let typist = Typist()
        _ = await typist("ps -s -n 3 -f status=exited --filter label=a=b")
        var wanted = ContainerQuery()
        wanted.sizes = true
        wanted.limit = 3
        wanted.filters = [Filter(key: "status", value: "exited"), Filter(key: "label", value: "a=b")]
        #expect(typist.engine.with { $0.query } == wanted)
        _ = await typist("ps -l")
        #expect(typist.engine.with { $0.query?.limit } == 1)
        _ = await typist("ps -n -1")
        #expect(typist.engine.with { $0.query?.limit } == nil)
        #expect(await typist("ps -s").output.hasSuffix("NAMES     SIZE\n"))
    }

    @Test func `images is Docker's table`() async throws {
        let typist = Typist()
        try typist.engine.with { try $0.images = [.sample("node", "20"), .sample(nil, nil)] }
        #expect(
            await typist("images").output == """
                REPOSITORY   TAG       IMAGE ID       CREATED      SIZE
                node         20        0123456789ab   2 days ago   4.5MB
                <none>       <none>    0123456789ab   2 days ago   4.5MB

                """)
        #expect(await typist("images --digests").output.hasPrefix("REPOSITORY   TAG       DIGEST    IMAGE ID"))
        #expect(await typist("images -q --no-trunc").output.hasPrefix("sha256:\(RecordingEngine.id)\n"))
        #expect(await typist("images --format {{.Repository}}:{{.Tag}}").output == "node:20\n<none>:<none>\n")
    }

    @Test func `history is Docker's table`() async throws {
        let typist = Typist()
        let long = "RUN " + String(repeating: "x", count: 60)
        typist.engine.with { contents in
            contents.history = [
                HistoryEntry(
                    id: nil, created: ContainerRow.past(86400 * 3), createdBy: long, size: ByteCount(5_000_000),
                    comment: "", tags: []),
                HistoryEntry(
                    id: nil, created: nil, createdBy: "CMD [\"sh\"]\t#", size: ByteCount(0), comment: "made", tags: []),
            ]
        }
        let cut = "RUN " + String(repeating: "x", count: 40) + "…"
        #expect(
            await typist("history node").output == """
                IMAGE       CREATED      CREATED BY                                      SIZE      COMMENT
                <missing>   3 days ago   \(cut)   5MB       
                <missing>   N/A          CMD ["sh"] #                                    0B        made

                """)
        #expect(await typist("history --no-trunc node").output.contains(long))
        #expect(await typist("history -H=false node").output.contains("5000000"))
        #expect(await typist("history -q node").output == "<missing>\n<missing>\n")
    }

    @Test func `inspect looks for containers first, then for images`() async throws {
        let typist = Typist()
        try typist.engine.with { contents in
            let summary = try ContainerSummary.sample("web")
            contents.details["web"] = ContainerDetails(summary: summary, request: ContainerRequest(image: "node"))
            contents.imageDetails["node"] = ImageDetails(id: try ImageID(parsing: "sha256:" + RecordingEngine.id))
        }
        #expect(await typist("inspect --format {{.Name}} web").output == "/web\n")
        #expect(await typist("inspect -f {{.Id}} node").output == "sha256:\(RecordingEngine.id)\n")
        #expect(await typist("image inspect -f {{.Os}} web").error.hasPrefix("dsh: No such image: web"))
        #expect(await typist("container inspect node").error.hasPrefix("dsh: No such container: node"))
        #expect(await typist("inspect --type image web").status == 1)
        let seen = await typist("inspect web nothing")
        #expect(seen.status == 1 && seen.output.hasPrefix("[\n    {\n        \"Id\": \"\(RecordingEngine.id)\""))
        #expect(seen.error.hasPrefix("dsh: No such object: nothing\n"))
        #expect(await typist("inspect nothing").output == "[]\n")
        #expect(await typist("inspect --type network x").error.contains("not there yet"))
        #expect(await typist("inspect --type cloud x").status == 1)
    }
}

extension ContainerRow {
    /// A moment so many seconds ago.
    static func past(_ seconds: Int64) -> Timestamp {
        Timestamp(nanoseconds: Timestamp.now.nanoseconds - seconds * 1_000_000_000)
    }
}
