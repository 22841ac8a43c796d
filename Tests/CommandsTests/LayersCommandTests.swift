// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal
import Testing

@testable import Commands

/// `layers`, in its three forms, and images as what `cp` copies from.
struct LayersCommandTests {
    private static let stack = [
        ImageLayer(
            number: 1, diffID: "sha256:" + RecordingEngine.id, instruction: "/bin/sh -c #(nop)  ADD file:1 in / ",
            created: nil, size: ByteCount(117_000_000), sharers: ["node:20", "debian:12"]),
        ImageLayer(
            number: 2, diffID: "sha256:" + RecordingEngine.id, instruction: "RUN /bin/sh -c npm install # buildkit",
            created: nil, size: ByteCount(8_600_000), sharers: []),
        ImageLayer(
            number: 3, diffID: "sha256:" + RecordingEngine.id, instruction: "COPY 한글.txt /app", created: nil,
            size: ByteCount(430), sharers: []),
    ]

    private func typist(_ language: Language = .english) -> Typist {
        let typist = Typist(.shell, language: language)
        typist.engine.with { $0.layers = Self.stack }
        return typist
    }

    @Test func `an image is drawn as a stack, the topmost layer first`() async {
        let seen = await typist()("layers app")
        #expect(
            seen.output == """
                app: 3 layers, 126MB, of which 117MB are shared with other images
                ┌───────────────────────────────┐
                │ 3  COPY 한글.txt /app    430B │
                ├───────────────────────────────┤
                │ 2  RUN npm install      8.6MB │
                ├───────────────────────────────┤
                │ 1  ADD file:1 in /      117MB │
                │    also in node:20, debian:12 │
                └───────────────────────────────┘

                """)
    }

    @Test(arguments: [20, 40, 60, 120], Language.allCases)
    func `every row fits the terminal, whatever its width and the language`(columns: Int, language: Language) {
        let long = String(repeating: "가나다 라마바 ", count: 20)
        let layers = (1...12).map { number in
            ImageLayer(
                number: number, diffID: "sha256:" + RecordingEngine.id, instruction: "RUN echo \(long)", created: nil,
                size: ByteCount(Int64(number)), sharers: ["이름\(long)"])
        }
        var drawing = LayerStackDrawing(image: "app", layers: layers, language: language)
        for isShort in [true, false] {
            drawing.isShort = isShort
            let lines = drawing.lines(columns: columns)
            #expect(lines.allSatisfy { $0.columns <= max(24, columns - 1) }, "\(lines)")
            let boxes = lines.drop { !$0.hasPrefix("┌") }
            #expect(Set(boxes.map(\.columns)).count == 1 && boxes.count >= 25)
        }
    }

    @Test func `a layer's files are a list, with letters, sizes and what else has changed`() async {
        let typist = typist()
        func file(_ size: Int64, mode: UInt32 = 0o644, owner: UInt32 = 0) -> LayerFile {
            LayerFile(kind: .file, size: ByteCount(size), mode: mode, owner: owner, group: 0)
        }
        let directory = LayerFile(kind: .directory, size: ByteCount(2000), mode: 0o755, owner: 0, group: 0)
        let link = LayerFile(kind: .link, size: ByteCount(0), mode: 0o777, owner: 0, group: 0, target: "/app")
        typist.engine.with {
            $0.changes = [
                LayerChange(path: "/app/new", former: nil, present: file(7)),
                LayerChange(path: "/app/server.js", former: file(412), present: file(430)),
                LayerChange(path: "/app/run.sh", former: file(9), present: file(9, mode: 0o755, owner: 33)),
                LayerChange(path: "/old", former: directory, present: nil),
                LayerChange(path: "/way", former: nil, present: link),
            ]
        }
        let seen = await typist("layers app 3")
        let rows = seen.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(
            rows == [
                "SIZE PATH DETAILS", "A 7B /app/new", "C 412B → 430B /app/server.js",
                "C 9B /app/run.sh 644 → 755, 0:0 → 33:0", "D 2kB /old/", "A /way -> /app",
            ])
        #expect(
            await typist("layers app 3 --format {{.Kind}}{{.Path}}").output.hasPrefix("A/app/new\nC/app/server.js\n"))
        typist.engine.with { $0.changes = [] }
        #expect(await typist("layers app 2").output == "Layer 2 changes no files\n")
    }

    @Test(arguments: [
        (
            ["/app/server.js"],
            PathOrigin(
                path: "/app/server.js", words: [.init(layer: 3, file: .bytes(430)), .init(layer: 2, file: .bytes(8))]),
            "/app/server.js is from layer 3\n  3  430B  COPY 한글.txt /app\n  2    8B  RUN npm install\n"
        ),
        (
            ["/old"], PathOrigin(path: "/old", words: [.init(layer: 2, file: nil), .init(layer: 1, file: .bytes(8))]),
            "/old was removed by layer 2; it still takes room in the layers below\n  2   D  RUN npm install\n"
                + "  1  8B  ADD file:1 in / \n"
        ),
        (
            ["/way/x"], PathOrigin(path: "/app/x", words: [.init(layer: 3, file: .bytes(1))]),
            "/app/x is from layer 3\n  (/way/x leads there by a link)\n  3  1B  COPY 한글.txt /app\n"
        ),
    ])
    func `a path is told with the layer that it is from`(words: [String], origin: PathOrigin, says: String) async {
        let typist = typist()
        typist.engine.with { $0.origin = origin }
        #expect(await typist.type(["layers", "app"] + words).output == says)
    }

    @Test func `the current image stands in for a name that is left out`() async {
        let typist = typist()
        #expect(await typist("layers").status == 1)
        #expect(await typist("layers /etc").error.contains("no image is named"))
        typist.session.use(ImageName("app"))
        for (line, call) in [
            ("layers", "layers app"), ("layers 2", "changes 2 app"), ("layers /etc", "origin /etc app"),
            ("layers other", "layers other"), ("layers other etc", "origin etc other"), ("layers 1234", "layers 1234"),
        ] {
            let before = typist.engine.calls.count
            _ = await typist(line)
            #expect(typist.engine.calls.dropFirst(before).first == call, "\(line)")
        }
    }

    // MARK: cp

    @Test(arguments: [
        ("node:/etc/passwd", "node", "/etc/passwd"), ("node:20:/etc", "node:20", "/etc"),
        ("localhost:5000/a/b:1:/x", "localhost:5000/a/b:1", "/x"), ("node:etc", "node", "etc"),
        ("node:20:etc", "node:20", "etc"),
    ])
    func `a place in an image is read with its tag and its registry's port`(text: String, image: String, path: String) {
        #expect(CopySource.imagePlaces(text).contains { $0.image.text == image && $0.path == path })
        #expect(CopySource.imagePlaces(text).first?.image.text == image)
    }

    @Test func `cp takes a file out of an image; a container of the same name is meant before it`() async throws {
        let typist = Typist()
        try typist.engine.with { $0.images = [try .sample("web"), try .sample("app")] }
        #expect(await typist("cp app:/x .").status == 0)
        #expect(typist.engine.with { $0.copy }?.source == .image("app", "/x"))
        let inwards = await typist("cp x app:/x")
        #expect(inwards.status == 1 && inwards.error.contains("app is an image, which cannot be changed"))

        let container = try ContainerSummary.sample("web")
        typist.engine.with {
            $0.details["web"] = ContainerDetails(summary: container, request: ContainerRequest(image: "web"))
        }
        let seen = await typist("cp web:/x .")
        #expect(typist.engine.with { $0.copy }?.source == .container("web", "/x"))
        #expect(seen.error == "web is a container and an image; the container is meant\n")
    }
}

extension LayerFile {
    fileprivate static func bytes(_ count: Int64) -> LayerFile {
        LayerFile(kind: .file, size: ByteCount(count), mode: 0o644, owner: 0, group: 0)
    }
}
