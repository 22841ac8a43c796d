// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ShellLanguage

struct CursorContextTests {
    /// Text up to the cursor, place, the words before, the word so far, its quotes, where it starts.
    @Test(
        arguments: [
            ("", .command, [], "", .none, 0), ("ru", .command, [], "ru", .none, 0),
            ("run ", .argument, ["run"], "", .none, 4),
            ("run -d star", .argument, ["run", "-d"], "star", .none, 7), ("docker", .command, [], "docker", .none, 0),
            ("docker ", .command, [], "", .none, 7), ("docker ru", .command, [], "ru", .none, 7),
            ("do", .command, [], "do", .none, 0),
            ("ps; run -d star", .argument, ["run", "-d"], "star", .none, 11),
            ("ps\nsto", .command, [], "sto", .none, 3), ("ps\n", .command, [], "", .none, 3),
            ("a && ", .command, [], "", .none, 5), ("a || b", .command, [], "b", .none, 5),
            ("a & b", .command, [], "b", .none, 4), ("a &", .command, [], "", .none, 3),
            ("cp 'my f", .argument, ["cp"], "my f", .single, 3), ("cp \"my f", .argument, ["cp"], "my f", .double, 3),
            ("cp $'my f", .argument, ["cp"], "my f", .ansi, 3),
            ("cp my\\ f", .argument, ["cp"], "my f", .none, 3), ("cp 'a b'/c", .argument, ["cp"], "a b/c", .none, 3),
            ("cp 'a b' c", .argument, ["cp", "a b"], "c", .none, 9),
            ("run -v $PWD:/app -w /ap", .argument, ["run", "-v", "$PWD:/app", "-w"], "/ap", .none, 20),
            ("run $PW", .variable, ["run"], "PW", .none, 5), ("run ${PW", .variable, ["run"], "PW", .none, 6),
            ("run \"a$", .variable, ["run"], "", .double, 7),
            ("run $1", .argument, ["run"], "$1", .none, 4), ("@", .containerCommand, [], "", .none, 1),
            ("@ l", .containerCommand, [], "l", .none, 2), ("@ ls /e", .containerCommand, ["ls"], "/e", .none, 5),
            ("! l", .hostCommand, [], "l", .none, 2), ("! ls 'a b", .hostCommand, ["ls"], "a b", .single, 5),
            ("ps | gr", .hostCommand, [], "gr", .none, 5), ("ps | ", .hostCommand, [], "", .none, 5),
            ("ps | sort | un", .hostCommand, [], "un", .none, 12),
            ("ps | sort -", .hostCommand, ["sort"], "-", .none, 10), ("! a; run -", .argument, ["run"], "-", .none, 9),
            ("ps > ", .file, ["ps"], "", .none, 5), ("ps > f", .file, ["ps"], "f", .none, 5),
            ("ps > f -", .argument, ["ps"], "-", .none, 7), ("ps 2>f", .file, ["ps"], "f", .none, 5),
            ("rm $(docker ps -", .argument, ["ps"], "-", .none, 15),
            ("rm $(ls -l a", .hostCommand, ["ls", "-l"], "a", .none, 11),
            ("rm \"$(docker pu", .command, [], "pu", .none, 13),
            ("rm $(a; b c", .hostCommand, ["b"], "c", .none, 10),
            ("rm $(a) b", .argument, ["rm", "$(a)"], "b", .none, 8), ("# x", .nothing, [], "", .none, 3),
            ("ps # x", .nothing, ["ps"], "", .none, 6),
            ("expect r", .command, [], "r", .none, 7), ("expect run st", .argument, ["run"], "st", .none, 11),
            ("expect", .command, [], "expect", .none, 0), ("expect ", .command, [], "", .none, 7),
            ("ru \\\n -", .argument, ["ru"], "-", .none, 6), ("run ~/a", .argument, ["run"], "~/a", .none, 4),
            ("if x; run a", .nothing, [], "", .none, 11), ("run 가", .argument, ["run"], "가", .none, 4),
        ] as [(String, CursorContext.Place, [String], String, WordPiece.Quoting, Int)])
    func `the word at the cursor is seen with those before it`(
        text: String, place: CursorContext.Place, words: [String], word: String, quoting: WordPiece.Quoting, start: Int
    ) {
        let context = CursorContext(in: text)
        #expect(context.place == place)
        if place != .nothing {
            #expect(context.words == words)
            #expect(context.word == word)
            #expect(context.quoting == quoting)
            #expect(context.span == SourceSpan(start, text.utf8.count))
        }
    }

    @Test func `what stands behind the cursor changes nothing`() {
        #expect(CursorContext(in: "run -d star; ps 'x", at: 11) == CursorContext(in: "run -d star"))
    }

    @Test func `the leading word docker is told`() {
        #expect(CursorContext(in: "docker ps -").saysDocker)
        #expect(!CursorContext(in: "docker ps; ps -").saysDocker)
        #expect(!CursorContext(in: "docker").saysDocker)
    }
}
