// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import LocalEngine

/// What is typed, in the pieces in which it arrives; what passes; whether the keys were complete; what is held in the end.
struct DetachKeyFilterTests {
    @Test(
        arguments: [
            ([[1, 2, 3]], [1, 2, 3], false, 0),
            ([[0x10, 0x11]], [], true, 0),
            ([[0x61, 0x10], [0x11, 0x62]], [0x61], true, 0),
            ([[0x10]], [], false, 1),
            ([[0x10], [0x61]], [0x10, 0x61], false, 0),
            ([[0x10, 0x10]], [0x10], false, 1),
            ([[0x10], [0x10], [0x11]], [0x10], true, 0),
            ([[0x11, 0x10, 0x61, 0x10, 0x11]], [0x11, 0x10, 0x61], true, 0),
        ] as [([[UInt8]], [UInt8], Bool, Int)])
    func `the keys are found wherever the pieces are cut, and nothing else is kept or turned round`(
        pieces: [[UInt8]], passed: [UInt8], isComplete: Bool, held: Int
    ) {
        var filter = DetachKeyFilter(.standard)
        var out: [UInt8] = []
        var found = false
        for piece in pieces {
            let (bytes, complete) = filter.feed(piece)
            out += bytes
            found = complete
        }
        #expect(out == passed)
        #expect(found == isComplete)
        #expect(filter.held == held)
    }

    @Test func `keys that begin with themselves are found after a false start`() throws {
        var filter = DetachKeyFilter(try DetachKeys.parse("a,a,b"))
        let (bytes, isComplete) = filter.feed(Array("aaab".utf8))
        #expect(bytes == Array("a".utf8))
        #expect(isComplete)
    }

    @Test func `held bytes are released in order, and the next key begins anew`() {
        var filter = DetachKeyFilter(.standard)
        #expect(filter.feed([0x10]).passed.isEmpty)
        #expect(filter.release() == [0x10])
        #expect(filter.feed([0x11]).passed == [0x11])
    }

    @Test func `without keys everything passes`() {
        var filter = DetachKeyFilter(nil)
        #expect(filter.feed([0x10, 0x11]).passed == [0x10, 0x11])
        #expect(filter.held == 0)
    }
}
