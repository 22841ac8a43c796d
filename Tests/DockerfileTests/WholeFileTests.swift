// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Dockerfile

/// Files as projects have them, gone through as a build does.
struct WholeFileTests {
    static let node = """
        # syntax=docker/dockerfile:1
        FROM node:20 AS deps
        WORKDIR /app
        COPY package.json package-lock.json* ./
        RUN --mount=type=cache,target=/root/.npm \\
            npm ci --omit=dev && \\
            # the cache is no part of the layer
            npm cache verify

        FROM node:20
        ARG VERSION=1.0.0
        ENV NODE_ENV=production \\
            VERSION=${VERSION}
        ENV GREETING="안녕 $NODE_ENV"
        LABEL org.opencontainers.image.version="$VERSION" maintainer='a b'
        WORKDIR /app
        COPY --from=deps --chown=node:node /app/node_modules ./node_modules
        COPY . .
        EXPOSE 80 443/tcp
        USER node
        HEALTHCHECK --interval=1m30s --retries=3 CMD curl -f http://localhost/ || exit 1
        STOPSIGNAL SIGINT
        VOLUME ["/data", "/logs"]
        CMD ["node", "server.js"]
        """

    static let python = """
        ARG PYTHON_VERSION=3.12
        FROM python:${PYTHON_VERSION}-slim AS base
        SHELL ["/bin/bash", "-o", "pipefail", "-c"]
        RUN <<-EOF
        \tset -e
        \tapt-get update
        \techo "$HOME"
        \tEOF
        COPY <<requirements.txt /app/requirements.txt
        flask==3.0
        gunicorn
        requirements.txt
        ADD https://example.com/a/b.tar.gz?x=1 /tmp/
        WORKDIR /app
        WORKDIR src
        ENTRYPOINT exec python -m app
        ONBUILD COPY . /app

        FROM base
        CMD ["--port", "80"]
        """

    /// The history that a build writes, stage by stage, of what the last stage needs.
    static func history(_ text: String, _ arguments: [String: String] = [:]) throws -> [String] {
        let document = try document(text)
        let global = try GlobalArguments(document, BuildInputs(arguments: arguments))
        let graph = try StageGraph(document, global)
        var variables: [Int: StageVariables] = [:]
        var lines: [String] = []
        for index in try graph.plan().needed {
            let stage = graph.stages[index]
            var own = StageVariables(environment: ["PATH=/bin"], global: global, directives: document.directives)
            if case .stage(let base) = stage.base, let inherited = variables[base] { own = inherited }
            var shell = ["/bin/sh", "-c"]
            var directory = "/"
            for instruction in stage.triggers + stage.instructions {
                let expanded = try own.apply(instruction).instruction
                if case .shell(let words) = expanded.operation { shell = words.map(\.text) }
                if case .workdir(let path) = expanded.operation {
                    directory = (path.text.hasPrefix("/") ? path.text : directory + "/" + path.text).cleanedPath
                }
                let text = expanded.historyText(shell: shell, variables: own, workingDirectory: directory)
                if let text { lines.append((expanded.makesLayer(workingDirectory: directory) ? "+ " : "  ") + text) }
            }
            variables[index] = own
        }
        return lines
    }

    @Test func `the history of a Node project`() throws {
        let run = "npm ci --omit=dev &&     npm cache verify"
        #expect(
            try Self.history(Self.node, ["VERSION": "2"]) == [
                "+ WORKDIR /app", "+ COPY package.json package-lock.json* ./ # buildkit",
                "+ RUN /bin/sh -c \(run) # buildkit", "  ARG VERSION=2",
                "  ENV NODE_ENV=production VERSION=2", "  ENV GREETING=안녕 production",
                "  LABEL org.opencontainers.image.version=2 maintainer=a b", "+ WORKDIR /app",
                "+ COPY --chown=node:node /app/node_modules ./node_modules # buildkit", "+ COPY . . # buildkit",
                "  EXPOSE [443/tcp 80/tcp]", "  USER node",
                "  HEALTHCHECK {Test:[CMD-SHELL curl -f http://localhost/ || exit 1] Interval:1m30s Timeout:0s "
                    + "StartPeriod:0s StartInterval:0s Retries:3}",
                "  STOPSIGNAL SIGINT", "  VOLUME [/data /logs]", "  CMD [\"node\" \"server.js\"]",
            ])
    }

    @Test func `the history of a Python project`() throws {
        #expect(
            try Self.history(Self.python) == [
                "  SHELL [/bin/bash -o pipefail -c]",
                "+ RUN /bin/bash -o pipefail -c set -e\napt-get update\necho \"$HOME\"\n # buildkit",
                "+ COPY <<requirements.txt /app/requirements.txt # buildkit",
                "+ ADD https://example.com/a/b.tar.gz?x=1 /tmp/ # buildkit", "+ WORKDIR /app", "+ WORKDIR /app/src",
                "  ENTRYPOINT [\"/bin/bash\" \"-o\" \"pipefail\" \"-c\" \"exec python -m app\"]",
                "+ COPY . /app # buildkit", "  CMD [\"--port\" \"80\"]",
            ])
    }

    @Test(arguments: [WholeFileTests.node, WholeFileTests.python])
    func `a good file has no findings`(text: String) throws {
        let found = try LintTests.check(text)
        // The one in the Python file uses its own shell, so that nothing is to be said about ENTRYPOINT.
        #expect(found == [])
    }

    @Test(
        arguments: [
            ("run echo \"$A\" '$A' $NO", "RUN echo \"1\" '$A' $NO"), ("COPY \"$A\" ${NO}x /", "COPY 1 x /"),
            ("workdir /$A", "WORKDIR /1"),
            ("RUN <<E\n\n echo x\ny\nE", "RUN <<E (echo x...)"), ("RUN <<E\nx\nE", "RUN <<E (x)"),
            ("RUN cat <<E\nx\nE", "RUN cat <<E"),
            ("RUN echo ${A:=x}", "RUN echo ${A:=x}"), ("RUN a \\\n  && b", "RUN a   && b"),
        ])
    func `the name of a step`(text: String, title: String) throws {
        let document = try document("FROM a\nENV A=1\n" + text)
        var variables = StageVariables(environment: [], global: try GlobalArguments(document))
        for instruction in document.stages[0].instructions { _ = try variables.apply(instruction) }
        #expect(variables.title(of: try #require(document.stages[0].instructions.last)) == title)
    }

    @Test(
        arguments: [
            ("a/b", .local), ("github.com/a/b", .local), ("https://x/a/b.tar?c#d", .url(name: "b.tar")),
            ("http://x", .url(name: "__unnamed__")),
            ("https://x/", .url(name: "__unnamed__")), ("https://x/a/", .url(name: "a")),
            ("https://github.com/a/b.git", .git), ("https://h/a.git#main:sub", .git),
            ("git://h/a", .git), ("git@github.com:a/b", .git), ("a@b", .local), ("./a@b:c", .local),
            ("ssh://h/a", .git), ("ftp://x/y", .local), ("", .local),
        ] as [(String, CopyLocation)])
    func `what a source is`(source: String, location: CopyLocation) { #expect(CopyLocation(source) == location) }

    @Test(
        arguments: [
            ("755", 0o644, false, 0o755), ("0", 0o777, false, 0), ("4755", 0o644, false, 0o4755),
            ("u+x", 0o644, false, 0o744), ("+x", 0o644, false, 0o755),
            ("a-w", 0o666, false, 0o444), ("go=", 0o777, false, 0o700), ("u=rwX,go=rX", 0o600, false, 0o644),
            ("u=rwX,go=rX", 0o600, true, 0o755), ("u=rwX,go=rX", 0o700, false, 0o755),
            ("g=u", 0o640, false, 0o660), ("u+s,g+s,+t", 0o755, false, 0o7755), ("u-s", 0o4755, false, 0o755),
            ("a=r", 0o4755, false, 0o444), ("a=rx", 0o2755, true, 0o2555), ("u+r-w", 0o200, false, 0o400),
        ] as [(String, UInt32, Bool, UInt32)])
    func `a mode is changed as chmod changes it`(text: String, mode: UInt32, isDirectory: Bool, expected: UInt32) throws
    {
        let change = try FileModeChange(parsing: Word(text, TextSpan(0, text.utf8.count)))
        #expect(change.applied(to: mode, isDirectory: isDirectory) == expected)
    }

    @Test(arguments: ["888", "77777", "u", "x+u", "u+rwz", "u+x,", "", "-1", "u+uu"])
    func `what is no mode`(text: String) {
        #expect(throws: DockerfileError.self) { try FileModeChange(parsing: Word(text, TextSpan(0, text.utf8.count))) }
    }

    @Test(
        arguments: [
            (0, "0s"), (90_000_000_000, "1m30s"), (1_500_000_000, "1.5s"), (100_000_000, "100ms"),
            (3_600_000_000_000, "1h0m0s"), (1_500, "1.5µs"), (7, "7ns"),
            (-2_000_000, "-2ms"), (120_000_000_000, "2m0s"), (60_001_000_000, "1m0.001s"),
        ])
    func `a time is written as Go writes it`(nanoseconds: Int, text: String) {
        #expect(GoDuration.text(nanoseconds) == text)
        #expect(GoDuration.nanoseconds(text) == nanoseconds)
    }
}
