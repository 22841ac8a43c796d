// SPDX-License-Identifier: Apache-2.0
import DockerAPI
import Engine
import Testing

struct DocumentTests {
    static func container(running: Bool) throws -> ContainerDetails {
        let id = try ContainerID(parsing: String(repeating: "ab", count: 32))
        let image = try ImageID(parsing: "sha256:" + String(repeating: "c", count: 64))
        let mapping = PortMapping(
            hostPort: try PortNumber(parsing: "3000"), containerPort: try PortNumber(parsing: "80"))
        var state = ContainerState(status: .exited, exitCode: 3)
        if running {
            state = ContainerState(
                status: .running, processID: 42, startedAt: Timestamp(nanoseconds: 1_700_000_000_500_000_000))
        }
        let summary = ContainerSummary(
            id: id, name: "web", image: "starter", imageID: image, command: ["httpd", "-f"],
            created: Timestamp(nanoseconds: 1_700_000_000_000_000_000), state: state, ports: [PublishedPort(mapping)],
            labels: ["b": "2", "a": "1"], networks: ["bridge"], mounts: [])
        var request = ContainerRequest(image: "starter")
        request.ports = [mapping]
        request.binds = [BindMount(source: "/src", target: "/app", isReadOnly: true)]
        request.limits.memory = ByteCount(64 << 20)
        request.limits.milliCPUs = 1500
        var details = ContainerDetails(summary: summary, request: request)
        details.exposedPorts = ["443/tcp", "80/tcp"]
        details.environment = ["PATH=/bin"]
        details.lowerDirectories = ["/l/2", "/l/1"]
        details.upperDirectory = "/c/upper"
        details.networks = [
            NetworkAttachment(
                network: "bridge", address: try IPAddress(parsing: "172.17.0.2"), prefixLength: 16,
                gateway: try IPAddress(parsing: "172.17.0.1"), hardwareAddress: "02:42:ac:11:00:02")
        ]
        return details
    }

    @Test(
        arguments: [
            ("{{.Id}}", "abababab"), ("{{.ID}}", "abababab"), ("{{.Name}}", "/web"),
            ("{{.State.Status}} {{.State.Pid}}", "running 42"),
            ("{{.State.StartedAt}} {{.State.FinishedAt}}", "2023-11-14T22:13:20.5Z 0001-01-01T00:00:00Z"),
            ("{{.Path}} {{.Args}}", "httpd [-f]"),
            ("{{.NetworkSettings.IPAddress}} {{.NetworkSettings.Networks.bridge.Gateway}}", "172.17.0.2 172.17.0.1"),
            ("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "172.17.0.2"),
            ("{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}", "3000"),
            ("{{range $p, $b := .NetworkSettings.Ports}}{{$p}}:{{len $b}} {{end}}", "443/tcp:0 80/tcp:2 "),
            (
                "{{json .HostConfig.PortBindings}}",
                #"{"80/tcp":[{"HostIp":"","HostPort":"3000"}]}"#
            ),
            (
                "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.NanoCPUs}}",
                "67108864 1500000000 1500000000"
            ), ("{{json .HostConfig.Binds}}", #"["/src:/app:ro"]"#), ("{{json .HostConfig.CapAdd}}", "null"),
            ("{{range .Mounts}}{{.Source}}->{{.Destination}} {{.RW}}{{end}}", "/src->/app false"),
            ("{{json .Config.Labels}} {{index .Config.Labels \"a\"}}", #"{"a":"1","b":"2"} 1"#),
            ("{{json .Config.ExposedPorts}}", #"{"443/tcp":{},"80/tcp":{}}"#),
            ("{{.GraphDriver.Data.LowerDir}} {{.GraphDriver.Data.UpperDir}}", "/l/2:/l/1 /c/upper"),
        ])
    func `a container's document answers what people ask inspect for`(template: String, answer: String) throws {
        let text = try FormatTemplate(parsing: template)(.object(try Self.container(running: true).document))
        #expect(text.hasPrefix(answer))
    }

    @Test func `a stopped container publishes nothing and tells how it ended`() throws {
        let document = JSONValue.object(try Self.container(running: false).document)
        #expect(
            try FormatTemplate(parsing: "{{.State.ExitCode}} {{.State.Running}} {{json .NetworkSettings.Ports}}")(
                document) == "3 false {}")
    }

    @Test func `the names of a container's document stand in Docker's order`() throws {
        var details = try Self.container(running: true)
        details.adjustments = [Adjustment(kind: .resourceLimit, name: "nofile", asked: "1048576", given: "20000")]
        #expect(
            details.document.entries.map(\.key) == [
                "Id", "Created", "Path", "Args", "State", "Image", "ResolvConfPath", "HostnamePath", "HostsPath",
                "LogPath", "Name",
                "RestartCount", "Driver", "Platform", "HostConfig", "GraphDriver", "Mounts", "Config",
                "NetworkSettings", "Adjustments",
            ])
    }

    @Test(
        arguments: [
            ("{{.Id}} {{.RepoTags}}", "sha256:cccc [node:20 node:latest]"),
            ("{{.Os}}/{{.Architecture}} {{.Size}}", "linux/amd64 1234"),
            ("{{json .Config.Cmd}} {{json .Config.Entrypoint}}", #"["node"] null"#),
            ("{{.Config.WorkingDir}} {{json .Config.Labels}}", "/app null"),
            ("{{json .RootFS}}", #"{"Type":"layers","Layers":["sha256:1","sha256:2"]}"#),
            ("{{.Created}}", "0001-01-01T00:00:00Z"),
            ("{{len .RootFS.Layers}} {{.GraphDriver.Data.UpperDir}} {{.GraphDriver.Data.LowerDir}}", "2 /l/2 /l/1"),
            ("{{range .Config.Env}}{{println .}}{{end}}", "PATH=/bin\n"),
        ])
    func `an image's document answers what people ask inspect for`(template: String, answer: String) throws {
        var image = ImageDetails(id: try ImageID(parsing: "sha256:" + String(repeating: "c", count: 64)))
        image.names = ["node:20", "node:latest"]
        image.operatingSystem = "linux"
        image.architecture = "amd64"
        image.size = ByteCount(1234)
        image.settings.command = ["node"]
        image.settings.environment = ["PATH=/bin"]
        image.settings.workingDirectory = "/app"
        image.diffIDs = ["sha256:1", "sha256:2"]
        image.layerDirectories = ["/l/2", "/l/1"]
        let text = try FormatTemplate(parsing: template)(.object(image.document))
        #expect(Self.shortened(text) == answer)
    }

    /// Sixty-four c as four.
    private static func shortened(_ text: String) -> String {
        text.split(separator: String(repeating: "c", count: 64), omittingEmptySubsequences: false).joined(
            separator: "cccc")
    }

    @Test func `info and version answer under Docker's names`() throws {
        let version = EngineVersion(
            version: "0.1", kernel: "6.18", platform: "linux/amd64", dockerCompatibility: "28", compiler: "6.3")
        var summary = EngineSummary(version: version)
        summary.running = 2
        summary.stopped = 3
        let info = try FormatTemplate(parsing: "{{.Containers}} {{.ContainersRunning}} {{.ServerVersion}}")(
            .object(summary.document))
        #expect(info == "5 2 0.1")
        let text = try FormatTemplate(parsing: "{{.Server.Version}} {{.Client.Os}}/{{.Server.Arch}}")(
            .object(version.document))
        #expect(text == "0.1 linux/amd64")
    }
}
