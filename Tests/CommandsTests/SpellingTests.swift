// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Commands

struct SpellingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let command: String
        let typed: [String]
        let read: [String]
        var testDescription: String { "\(command) \(typed)" }

        init(_ command: String, _ typed: String, _ read: String) {
            self.init(command, typed.words, read.words)
        }
        init(_ command: String, _ typed: [String], _ read: [String]) {
            self.command = command
            self.typed = typed
            self.read = read
        }
    }

    private static func read(_ command: String, _ words: [String]) throws -> Spelling {
        let type = try #require(Catalogue.type(named: command))
        return try Spelling(words, for: type.declaration)
    }

    @Test(arguments: [
        // The long and the short way, with and without a sign between.
        Row("run", "-p 3000:80 node", "--publish=3000:80 -- node"),
        Row("run", "-p3000:80 node", "--publish=3000:80 -- node"),
        Row("run", "-p=3000:80 node", "--publish=3000:80 -- node"),
        Row("run", "--publish 3000:80 node", "--publish=3000:80 -- node"),
        Row("run", "--publish=3000:80 node", "--publish=3000:80 -- node"),
        // Several letters in one word; the last may take a value.
        Row("run", "-it node", "--interactive --tty -- node"),
        Row("run", "-itp 80:80 node", "--publish=80:80 --interactive --tty -- node"),
        Row("run", "-itp80:80 node", "--publish=80:80 --interactive --tty -- node"),
        Row("run", "-dp 80:80 node", "--publish=80:80 --detach -- node"),
        Row("run", "-itd node", "--interactive --tty --detach -- node"),
        Row("run", "-hbox node", "--hostname=box -- node"),
        Row("run", "-h box node", "--hostname=box -- node"),
        // Switches with a truth behind a sign; the last mention wins.
        Row("run", "--rm=true node", "--rm -- node"),
        Row("run", "--rm=false node", "-- node"),
        Row("run", "--rm --rm=false node", "-- node"),
        Row("run", "--rm=0 --rm=1 node", "--rm -- node"),
        Row("run", "-it=true node", "--interactive --tty -- node"),
        Row("run", "-it=false node", "--interactive -- node"),
        Row("run", "-t=F -i=T node", "--interactive -- node"),
        Row("run", "--sig-proxy=false node", "--sig-proxy=false -- node"),
        Row("run", "--sig-proxy node", "--sig-proxy=true -- node"),
        // A value may look like a flag, be empty, or hold signs.
        Row("run", ["-e", "-x", "node"], ["--env=-x", "--", "node"]),
        Row("run", ["-e", "A=-1", "node"], ["--env=A=-1", "--", "node"]),
        Row("run", ["-e=A=B", "node"], ["--env=A=B", "--", "node"]),
        Row("run", ["-e=", "node"], ["--env==", "--", "node"]),
        Row("run", ["--entrypoint", "", "node"], ["--entrypoint", "", "--", "node"]),
        Row("run", ["--entrypoint=", "node"], ["--entrypoint", "", "--", "node"]),
        Row("run", ["-e", "--", "node"], ["--env=--", "--", "node"]),
        Row("run", ["--name", "--rm", "node"], ["--name=--rm", "--", "node"]),
        Row("stop", "--timeout -1 web", "--timeout=-1 -- web"),
        Row("stop", "-t -1 web", "--timeout=-1 -- web"),
        Row("stop", "-t0 web", "--timeout=0 -- web"),
        // Older names.
        Row("stop", "--time 5 web", "--timeout=5 -- web"),
        Row("stop", "--time=5 web", "--timeout=5 -- web"),
        Row("run", "--net host node", "--network=host -- node"),
        Row("run", "--net=none node", "--network=none -- node"),
        // Flags end at the image, or at the container of exec.
        Row("run", "node -v", "-- node -v"),
        Row("run", "--rm node node --version --rm", "--rm -- node node --version --rm"),
        Row("run", "node -- -p 80", "-- node -- -p 80"),
        Row("run", "-- node -v", "-- node -v"),
        Row("run", "--rm -- node ls", "--rm -- node ls"),
        Row("exec", "-it web sh -c ls", "--interactive --tty -- web sh -c ls"),
        Row("create", "node --help", "-- node --help"),
        // Elsewhere flags may stand anywhere, until `--`.
        Row("stop", "web -t 5 db", "--timeout=5 -- web db"),
        Row("rm", "web -f", "--force -- web"),
        Row("rm", "web -- -f", "-- web -f"),
        Row("cp", "- web:/x", "-- - web:/x"),
        Row("ps", "-aq", "--all --quiet"),
        Row("ps", "-aqf status=exited", "--filter=status=exited --all --quiet"),
        Row("logs", "-ftn5 web", "--tail=5 --follow --timestamps -- web"),
        Row("history", "-H=false node", "--human=false -- node"),
        Row("ps", "", ""),
    ])
    func `Docker's spellings are read as Docker reads them`(row: Row) throws {
        #expect(try Self.read(row.command, row.typed).forParser == row.read)
    }

    @Test(arguments: [
        ("run", "--help", true), ("run", "node --help", false), ("stop", "web --help", true), ("ps", "-h", true),
        ("run", "-h box node", false), ("ps", "--help=false", false), ("ps", "-ah", true), ("stop", "-- --help", false),
    ])
    func `help is asked for by --help, and by -h where nothing else is called so`(
        command: String, typed: String, asks: Bool
    ) throws {
        #expect(try Self.read(command, typed.words).asksForHelp == asks)
    }

    @Test(arguments: [
        ("run", "--gpsu all node", "unknown flag: --gpsu"), ("run", "-y node", "unknown shorthand flag: 'y' in -y"),
        ("run", "-ity node", "unknown shorthand flag: 'y' in -ity"),
        ("run", "--name", "flag needs an argument: --name"),
        ("run", "-itp", "flag needs an argument: 'p' in -itp"), ("run", "--=x", "bad flag syntax: --=x"),
        ("run", "---x", "bad flag syntax: ---x"),
        (
            "run", "--rm=maybe node",
            #"invalid argument "maybe" for "--rm" flag: strconv.ParseBool: parsing "maybe": invalid syntax"#
        ),
        (
            "run", "-t=yes node",
            #"invalid argument "yes" for "-t, --tty" flag: strconv.ParseBool: parsing "yes": invalid syntax"#
        ),
        ("ps", "--everything", "unknown flag: --everything"), ("stop", "web -x", "unknown shorthand flag: 'x' in -x"),
    ])
    func `words that are no flags are refused in pflag's words`(command: String, typed: String, sentence: String) throws
    {
        let error = #expect(throws: UsageError.self) { try Self.read(command, typed.words) }
        #expect(error?.sentence.english == sentence)
        #expect(error?.status == 125)
    }

    @Test(arguments: [
        ("run", "--nmae x node", "--name"), ("run", "--publsh 80 node", "--publish"),
        ("run", "--gpsu all node", "--gpus"),
        ("ps", "--al", "--all"), ("run", "-name x node", "--name"), ("run", "-rm node", "--rm"),
        ("logs", "--folow web", "--follow"), ("stop", "--hepl", "--help"),
    ])
    func `a misspelt flag is answered with the nearest one`(command: String, typed: String, nearest: String) throws {
        let error = #expect(throws: UsageError.self) { try Self.read(command, typed.words) }
        #expect(error?.hint == .didYouMean(nearest))
    }
}

extension String {
    var words: [String] { split(whereSeparator: \.isWhitespace).map(String.init) }
}
