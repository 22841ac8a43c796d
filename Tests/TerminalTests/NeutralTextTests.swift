// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Terminal

struct NeutralTextTests {
    @Test(
        arguments: [
            ("plain 가나", "plain 가나"), ("\u{1B}]0;title\u{7}", "^[]0;title^G"), ("\u{9B}2J", "<U+009B>2J"),
            ("a\nb\r\tc", "a^Jb^M^Ic"), ("abc\u{202E}txt", "abc<U+202E>txt"), ("\u{7F}", "^?"), ("👨‍👩‍👧", "👨‍👩‍👧"),
            ("a\u{0}b", "a^@b"), ("\r\n", "^M^J"),
        ] as [(String, String)])
    func `a name cannot command the terminal`(text: String, shown: String) {
        #expect(text.neutralised == shown)
    }

    @Test(
        arguments: [
            ("a\n\tb\r\n", "a\n\tb\r\n"), ("\u{1B}[1;31mred\u{1B}[0m", "\u{1B}[1;31mred\u{1B}[0m"),
            ("\u{1B}[2J", "^[[2J"), ("\u{1B}]52;c;AAAA\u{7}", "^[]52;c;AAAA^G"),
            ("\u{9B}2J 가\u{A0}", "<U+009B>2J 가\u{A0}"),
            ("\u{1B}\u{1B}[32m", "^[\u{1B}[32m"), ("\u{1B}c", "^[c"), ("\u{8}\u{7F}", "^H^?"),
            ("\u{1B}[" + String(repeating: "1;", count: 40) + "m", "^[[" + String(repeating: "1;", count: 40) + "m"),
        ] as [(String, String)])
    func `a stream keeps lines and colours and nothing else, wherever a read cuts it`(text: String, shown: String) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var neutraliser = StreamNeutraliser()
            let result =
                neutraliser.neutralise(bytes[..<cut]) + neutraliser.neutralise(bytes[cut...]) + neutraliser.finish()
            #expect(String(decoding: result, as: UTF8.self) == shown)
        }
    }

    @Test
    func `a stream that ends inside a sequence shows what there was`() {
        var neutraliser = StreamNeutraliser()
        #expect(neutraliser.neutralise(Array("a\u{1B}[3".utf8)) == Array("a".utf8))
        #expect(neutraliser.finish() == Array("^[[3".utf8))
    }
}
