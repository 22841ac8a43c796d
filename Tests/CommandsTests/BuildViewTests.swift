// SPDX-License-Identifier: Apache-2.0
import Engine
import Terminal
import Testing

@testable import Commands

/// What a person sees of a build while it goes on.
struct BuildViewTests {
    /// Plays events at moments, in milliseconds, on a screen.
    struct Play {
        var view: any BuildView
        var screen = BuildScreen(columns: 80, rows: 24)

        mutating func callAsFunction(_ event: BuildEvent, at milliseconds: Int) -> String {
            view.text(for: event, at: .milliseconds(milliseconds), on: screen)
        }
        mutating func tick(at milliseconds: Int) -> String { view.tick(at: .milliseconds(milliseconds), on: screen) }
        mutating func end(at milliseconds: Int) -> String { view.ending(at: .milliseconds(milliseconds), on: screen) }
    }

    static let from = BuildStep.sample(1, "FROM starter")
    static let copy = BuildStep.sample(2, "COPY . /app")
    static let run = BuildStep.sample(3, "RUN npm install")
    static let cmd = BuildStep.sample(4, "CMD [\"node\",\"server.js\"]")

    private func plain(_ language: Language = .english, isForTerminal: Bool = false) -> Play {
        Play(view: PlainBuildView(language: language, isForTerminal: isForTerminal))
    }

    private func live(columns: Int = 60, rows: Int = 24, _ language: Language = .english, colour: Bool = false) -> Play
    {
        Play(
            view: LiveBuildView(language: language, hasColour: colour),
            screen: BuildScreen(columns: columns, rows: rows))
    }

    // MARK: Plain

    @Test func `plain names each step, what it writes, how long it took and how large it is`() {
        var play = plain()
        var text = play(.skipped(stages: ["docs", "test"]), at: 0) + play(.started(Self.from), at: 0)
        text += play(.finished(Self.from, fromCache: false, size: nil), at: 40)
        text += play(.started(Self.copy), at: 40)
        text += play(.explained(Self.copy, .files([.init("server.js", .size(412, 430))])), at: 50)
        text += play(.finished(Self.copy, fromCache: false, size: ByteCount(1234)), at: 160)
        text += play(.started(Self.run), at: 160)
        text += play(.output(Self.run, .output, Array("added 57 pack".utf8)), at: 300)
        text += play(.output(Self.run, .error, Array("npm warn\r\n".utf8)), at: 310)
        text += play(.output(Self.run, .output, Array("ages\nfound 0".utf8)), at: 320)
        text += play(.finished(Self.run, fromCache: false, size: ByteCount(4_200_000)), at: 1460)
        text += play(.started(Self.cmd), at: 1460) + play(.finished(Self.cmd, fromCache: true, size: nil), at: 1460)
        #expect(
            text + play.end(at: 2000) == """
                Skipped stages, since the target needs none of them: docs, test
                [1/4] FROM starter
                  DONE 0.0s
                [2/4] COPY . /app
                  Cache ends here, step 2: server.js changed: size 412 → 430
                  DONE 0.1s, 1.23kB
                [3/4] RUN npm install
                  npm warn
                  added 57 packages
                  found 0
                  DONE 1.3s, 4.2MB
                [4/4] CMD ["node","server.js"]
                  CACHED (Using cache)

                """)
    }

    @Test func `steps side by side take turns under their own lines`() {
        let left = BuildStep.sample(2, "RUN a", of: 2, stage: "deps", id: 2)
        let right = BuildStep.sample(2, "RUN b", of: 3, stage: "app", id: 5)
        var play = plain()
        var text = play(.started(left), at: 0) + play(.started(right), at: 0)
        text += play(.output(left, .output, Array("one\n".utf8)), at: 10)
        text += play(.output(left, .output, Array("two\n".utf8)), at: 20)
        text += play(.output(right, .output, Array("three\n".utf8)), at: 30)
        text += play(.failed(left), at: 100) + play.end(at: 100)
        #expect(
            text == """
                [deps 2/2] RUN a
                [app 2/3] RUN b
                [deps 2/2] RUN a
                  one
                  two
                [app 2/3] RUN b
                  three
                [deps 2/2] RUN a
                  ERROR 0.1s
                [app 2/3] RUN b
                  CANCELED

                """)
    }

    @Test func `a file gets what a command writes, a terminal nothing that could command it`() {
        let bytes = Array("\u{1B}[31mred\u{1B}[0m\u{1B}]0;title\u{07}\n 10%\r 100%\n".utf8)
        for (isForTerminal, lines) in [
            (false, "  \u{1B}[31mred\u{1B}[0m\u{1B}]0;title\u{07}\n   10%\r 100%\n"),
            (true, "  red^[]0;title^G\n   100%\n"),
        ] {
            var play = plain(isForTerminal: isForTerminal)
            _ = play(.started(Self.run), at: 0)
            #expect(play(.output(Self.run, .output, bytes), at: 0) == lines)
        }
    }

    // MARK: Live

    @Test func `on a terminal what runs is drawn over, and what has ended stays`() {
        var play = live()
        #expect(play(.started(Self.from), at: 0) == "")
        let cached = " => [1/4] FROM starter" + String(repeating: " ", count: 30) + " CACHED\n"
        #expect(play(.finished(Self.from, fromCache: true, size: nil), at: 3) == cached)
        #expect(play(.started(Self.run), at: 10) == "")
        #expect(play(.output(Self.run, .output, Array("one\ntwo\nthr".utf8)), at: 20) == "")
        let row = " => [3/4] RUN npm install".padded(to: 54)
        #expect(play.tick(at: 1010) == "\(row) 1.0s\n    one\n    two\n    thr\n")
        #expect(play.tick(at: 2010) == "\u{1B}[4A\r\u{1B}[J\(row) 2.0s\n    one\n    two\n    thr\n")
        let done = " => [3/4] RUN npm install".padded(to: 47)
        #expect(
            play(.finished(Self.run, fromCache: false, size: ByteCount(4_200_000)), at: 2310)
                == "\u{1B}[4A\r\u{1B}[J\(done.prefix(47)) 4.2MB  2.3s\n")
        #expect(play.tick(at: 2400) == "" && play.end(at: 2500) == "")
    }

    @Test func `why a step is done again stands below it, while it runs and when it has ended`() {
        var play = live(columns: 100)
        _ = play(.started(Self.copy), at: 0)
        _ = play(.explained(Self.copy, .files([.init("server.js", .size(412, 430))])), at: 0)
        let miss = "\n    Cache ends here, step 2: server.js changed: size 412 → 430\n"
        #expect(play.tick(at: 100).hasSuffix("0.1s" + miss))
        #expect(play(.finished(Self.copy, fromCache: false, size: ByteCount(0)), at: 200).hasSuffix(" 0B  0.2s" + miss))
    }

    @Test func `only the last lines of a command are shown, drawn over ones and colours gone`() {
        var play = live()
        _ = play(.started(Self.run), at: 0)
        let lines = (1...9).map { "\u{1B}[32mline \($0)\u{1B}[0m\n" }.joined() + "50%\r60%"
        _ = play(.output(Self.run, .output, Array(lines.utf8)), at: 0)
        let rows = play.tick(at: 100).split(separator: "\n").dropFirst()
        #expect(rows == ["    line 6", "    line 7", "    line 8", "    line 9", "    60%"])
    }

    @Test(arguments: [20, 40, 61, 120], [Language.english, .korean])
    func `no row is wider than the screen, nor are there more than it has`(columns: Int, language: Language) {
        var play = live(columns: columns, rows: 6, language)
        let steps = (1...4).map { number in
            BuildStep.sample(number, "RUN echo 한국어로 쓴 아주 긴 명령과 그 뒤에 이어지는 말 and a long tail of it", id: number)
        }
        var text = ""
        for step in steps {
            text += play(.started(step), at: 0)
            text += play(.output(step, .output, Array("설치하는 중입니다 \(String(repeating: "가", count: 90))\n".utf8)), at: 0)
            text += play(.explained(step, .edited(former: "서버.js \(String(repeating: "나", count: 90))")), at: 0)
        }
        text += play.tick(at: 100)
        #expect(text.split(separator: "\n").count <= 5)
        text += play(.finished(steps[0], fromCache: true, size: nil), at: 200)
        text += play(.failed(steps[1]), at: 300) + play.end(at: 400)
        for row in text.split(separator: "\n").map({
            $0.replacing(/\u{1B}\[[0-9;]*[A-Za-z]/, with: "").filter { $0 != "\r" }
        }) {
            #expect(row.columns < columns, "\(row)")
        }
    }

    @Test func `a screen that became narrower has broken the rows that are drawn over`() {
        var play = live(columns: 60)
        _ = play(.started(Self.run), at: 0)
        _ = play.tick(at: 100)
        play.screen.columns = 30
        #expect(play.tick(at: 200).hasPrefix("\u{1B}[2A\r\u{1B}[J"))
    }

    @Test func `what still ran when a build ended was cancelled`() {
        var play = live()
        _ = play(.started(Self.run), at: 0)
        _ = play.tick(at: 100)
        let text = play.end(at: 500)
        #expect(text.hasPrefix("\u{1B}[1A\r\u{1B}[J => [3/4] RUN npm install") && text.hasSuffix(" CANCELED  0.5s\n"))
    }

    @Test func `colours come only where they are welcome`() {
        for (colour, sign) in [(true, "\u{1B}[36m => [1/4]"), (false, " => [1/4]")] {
            var play = live(colour: colour)
            _ = play(.started(Self.from), at: 0)
            let text = play(.finished(Self.from, fromCache: true, size: nil), at: 1)
            #expect(text.hasPrefix(sign) && text.contains("\u{1B}[0m") == colour)
        }
    }

    // MARK: JSON

    @Test func `rawjson is one object a line`() {
        var play = Play(view: RawBuildView())
        var text = play(.started(.sample(2, "RUN echo \"<hi>\"", stage: "app", id: 7)), at: 1500)
        text += play(.output(.sample(2, "", id: 7), .error, Array("a\nb".utf8)), at: 1600)
        text += play(.finished(.sample(2, "", id: 7), fromCache: false, size: ByteCount(12)), at: 2000)
        let id = "\"id\":7"
        #expect(
            text == """
                {"event":"started","seconds":1.5,\(id),"number":2,"total":4,"stage":"app","instruction":"RUN echo \\"<hi>\\""}
                {"event":"output","seconds":1.6,\(id),"stream":"stderr","data":"a\\nb"}
                {"event":"finished","seconds":2,\(id),"cached":false,"size":12}

                """)
    }

    // MARK: RUN that serves

    @Test(
        arguments: [
            ("RUN node server.js", "", true), ("RUN [\"node\", \"app.js\"]", "", true), ("RUN npm start", "", true),
            ("RUN npm ci && npm run dev", "", true), ("RUN python3 -m http.server 80", "", true),
            ("RUN node build.js", "", false), ("RUN npm install", "", false), ("RUN node --version", "", false),
            ("RUN ./serve", "Listening on port 3000\n", true), ("RUN ./serve", "* Running on http://x\n", true),
            ("RUN ./serve", "포트 8080 에서 듣는 중\n", true), ("RUN apt-get update", "Get:1 http://deb.debian.org\n", false),
            ("CMD node server.js", "", false),
        ])
    func `a RUN that serves and is silent for ten seconds is noticed once`(
        instruction: String, output: String, isNoticed: Bool
    ) {
        let step = BuildStep.sample(3, instruction)
        var watch = SilentRunWatch()
        watch.note(.started(step), at: .seconds(1))
        watch.note(.output(step, .output, Array((output.isEmpty ? "x\n" : output).utf8)), at: .seconds(2))
        #expect(watch.due(at: .seconds(11)) == [])
        #expect(watch.due(at: .seconds(12)) == (isNoticed ? [step] : []))
        #expect(watch.due(at: .seconds(40)) == [])
    }

    @Test func `a RUN that goes on writing, or has ended, is left alone`() {
        let step = BuildStep.sample(3, "RUN node server.js")
        var watch = SilentRunWatch()
        watch.note(.started(step), at: .zero)
        for second in 1...30 {
            watch.note(.output(step, .error, Array("GET /\n".utf8)), at: .seconds(second))
            #expect(watch.due(at: .seconds(second)) == [])
        }
        watch.note(.finished(step, fromCache: false, size: nil), at: .seconds(31))
        #expect(watch.due(at: .seconds(60)) == [])
    }
}
