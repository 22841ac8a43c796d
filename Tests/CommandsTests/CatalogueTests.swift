// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import Commands

struct CatalogueTests {
    @Test(arguments: [
        ("docer run node", "docker run"), ("dokcer ps", "docker ps"), ("docekr images", "docker images"),
        ("docker os", "ps"), ("strat web", "start"), ("imgaes", "images"), ("cantainer ls", "container"),
        ("container lss", "container ls"), ("image histroy", "image history"), ("lgos web", "logs"),
        ("stpo web", "stop"),
        ("docer", "docker"), ("kil", "kill"),
    ])
    func `a misspelt command is answered with the nearest one`(line: String, nearest: String) async {
        let seen = await Typist()(line)
        #expect(seen.status == 1)
        #expect(seen.output == "")
        #expect(seen.error.contains("Did you mean: \(nearest)\n"))
    }

    @Test(arguments: [
        "bake", "pull node", "push a/b", "login", "logout", "search node", "network ls", "volume ls", "compose up",
        "top web", "stats", "diff web", "commit web", "pause web", "unpause web", "port web", "update web", "events",
        "export web", "system df", "system prune", "image pull node", "container commit web", "buildx bake",
        "swarm init",
    ])
    func `a command of Docker's that is not there yet is refused by name`(line: String) async {
        for words in [line.words, ["docker"] + line.words] {
            let seen = await Typist().type(words)
            #expect(seen.status == 1)
            #expect(seen.error.contains("is not there yet"))
            #expect(seen.error.contains(line.words[0]))
        }
    }

    @Test(arguments: ["quux", "wxyzzy", "", "한글"])
    func `what is nothing like a command is sent to help`(word: String) async {
        let seen = await Typist().type([word])
        #expect(seen.status == 1)
        #expect(seen.error == "dsh: unknown command: \(word)\n     'help' lists all commands\n")
    }

    @Test(arguments: ["ps", "docker ps", "container ls", "docker container ls", "container list", "container ps"])
    func `the leading word docker means nothing`(line: String) async {
        let typist = Typist()
        let seen = await typist(line)
        #expect(seen.status == 0)
        #expect(typist.engine.calls == ["list containers"])
    }

    @Test(arguments: [
        ("-H tcp://x ps", "-H"), ("--context x ps", "--context"), ("-D ps", "-D"),
        ("docker --log-level debug ps", "--log-level"),
    ])
    func `Docker's global flags are refused by name`(line: String, flag: String) async {
        let seen = await Typist()(line)
        #expect(seen.status == 125)
        #expect(seen.error.hasPrefix("dsh: \(flag) is not there yet"))
    }

    @Test(arguments: [
        ("run", "'dsh run' requires at least 1 argument"), ("ps x", "'dsh ps' accepts no arguments"),
        ("rename a", "'dsh rename' requires 2 arguments"), ("logs a b", "'dsh logs' requires 1 argument"),
        ("exec web", "'dsh exec' requires at least 2 arguments"), ("stop", "'dsh stop' requires at least 1 argument"),
        ("import a b c", "'dsh import' requires at most 2 arguments"),
        ("images a b", "'dsh images' requires at most 1 argument"),
    ])
    func `a wrong number of words is refused in Docker's words`(line: String, sentence: String) async {
        let seen = await Typist()(line)
        #expect(seen.status == 1)
        #expect(seen.error.hasPrefix("dsh: \(sentence)\n\nUsage:  dsh \(line.words[0])"))
    }

    @Test(arguments: DeclarationTests.names)
    func `every command explains itself, in both languages`(name: String) async throws {
        let declaration = try #require(Catalogue.type(named: name)).declaration
        let english = await Typist().type(name.words + ["--help"])
        let korean = await Typist(language: .korean).type(name.words + ["--help"])
        #expect(english.status == 0 && english.error == "")
        #expect(english.output.hasPrefix("Usage:  dsh \(name)"))
        #expect(english.output.contains(declaration.summary.english))
        #expect(korean.output.contains(declaration.summary.korean))
        for flag in declaration.flags { #expect(english.output.contains(flag.helpWord)) }
    }

    @Test func `help lists every command and noun`() async {
        for line in ["help", "--help", "docker --help", "docker", "-h"] {
            let seen = await Typist()(line)
            #expect(seen.status == 0)
            for name in Catalogue.shortNames
            where !name.contains(" ") && Catalogue.type(named: name)?.declaration.name == name {
                #expect(seen.output.contains("\n  \(name) "))
            }
        }
        let group = await Typist()("container")
        #expect(group.output.contains("\n  prune "))
        #expect(await Typist()("help container") == group)
        #expect(await Typist()("help run") == Typist()("run --help"))
    }

    @Test func `the layout of help is Docker's`() async {
        let seen = await Typist()("stop --help")
        #expect(
            seen.output == """
                Usage:  dsh stop [OPTIONS] CONTAINER [CONTAINER...]

                Stop one or more running containers

                Aliases:
                  dsh stop, dsh container stop

                Options:
                      --help            Print usage
                  -s, --signal string   Signal to send to the container
                  -t, --timeout int     Seconds to wait before killing the container

                """)
    }
}
