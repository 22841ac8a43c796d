// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Engine

struct SignalTests {
    @Test(
        arguments: [
            ("9", 9, "SIGKILL"), ("KILL", 9, "SIGKILL"), ("SIGKILL", 9, "SIGKILL"), ("sigterm", 15, "SIGTERM"),
            ("int", 2, "SIGINT"), ("RTMIN", 34, "SIGRTMIN"), ("RTMIN+3", 37, "SIGRTMIN+3"),
            ("SIGRTMAX-1", 63, "SIGRTMIN+29"),
            ("WINCH", 28, "SIGWINCH"), ("64", 64, "SIGRTMAX"),
        ] as [(String, Int32, String)])
    func `a signal is read by number and by name`(text: String, number: Int32, name: String) throws {
        let signal = try Signal(parsing: text)
        #expect(signal.number == number && signal.description == name)
    }

    @Test(arguments: ["", "0", "65", "-9", "+9", "FOO", "SIG", "RTMIN+31", "RTMAX-31", "9 "])
    func `no such signal is refused by its word`(text: String) {
        #expect { try Signal(parsing: text) } throws: { ($0 as? Malformed)?.text == text }
    }
}

struct ByteCountTests {
    @Test(
        arguments: [
            ("512", 512), ("512b", 512), ("1k", 1024), ("1K", 1024), ("1kb", 1024), ("1KiB", 1024),
            ("512m", 536_870_912),
            ("1.5g", 1_610_612_736), ("0", 0), ("1tb", 1_099_511_627_776),
        ] as [(String, Int64)])
    func `a size is read in powers of 1024`(text: String, bytes: Int64) throws {
        #expect(try ByteCount(parsing: text).bytes == bytes)
    }

    @Test(arguments: ["", "m", "1x", "-1", "1 m", "1.2.3k", "99999999p", "1mm", "infinity", "nan"])
    func `what is no size is refused`(text: String) {
        #expect { try ByteCount(parsing: text) } throws: { ($0 as? Malformed)?.text == text }
    }

    /// What github.com/docker/go-units prints for the same numbers.
    @Test(
        arguments: [
            (0, "0B", "0B"), (999, "999B", "999B"), (1000, "1kB", "1000B"), (1024, "1.02kB", "1KiB"),
            (1_239_000, "1.24MB", "1.182MiB"), (77_800_000, "77.8MB", "74.2MiB"), (1_100_000_000, "1.1GB", "1.024GiB"),
            (5, "5B", "5B"), (412_345_678, "412MB", "393.2MiB"), (8_036_352, "8.04MB", "7.664MiB"),
        ] as [(Int64, String, String)])
    func `a size is written as Docker writes it`(bytes: Int64, decimal: String, binary: String) {
        #expect(ByteCount(bytes).decimalText() == decimal)
        #expect(ByteCount(bytes).binaryText() == binary)
    }
}

struct TimestampTests {
    private static let seoul = 9 * 3600

    @Test(
        arguments: [
            ("2013-01-02T15:04:05.000000001Z", 1_357_139_045_000_000_001),
            ("2013-01-02T15:04:05Z", 1_357_139_045_000_000_000),
            ("2013-01-02T15:04:05+09:00", 1_357_106_645_000_000_000),
            ("2013-01-02T15:04:05", 1_357_106_645_000_000_000),
            ("2013-01-02", 1_357_052_400_000_000_000), ("2013-01-02T15:04", 1_357_106_640_000_000_000),
            ("1357137245", 1_357_137_245_000_000_000), ("1357137245.5", 1_357_137_245_500_000_000),
            ("2013-01-02T15:04:05.1-01:30", 1_357_144_445_100_000_000),
        ] as [(String, Int64)])
    func `a time is read in its own zone, or in the reader's`(text: String, nanoseconds: Int64) throws {
        #expect(try Timestamp(parsing: text) { _ in Self.seoul }.nanoseconds == nanoseconds)
    }

    @Test(
        arguments: [
            "", "yesterday", "2013-13-01", "2013-01-32", "2013-01-02T25:00:00Z", "2013-01-02T15:04:05.Z", "2013-1-2",
            "2013-01-02T15:04:05+9", "2013-01-02T15:04:05ZZ", "2013-01-02T15:04:05Z+09:00", "99999999999", ".",
        ])
    func `what is no time is refused`(text: String) {
        #expect { try Timestamp(parsing: text) { _ in 0 } } throws: { ($0 as? Malformed)?.text == text }
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000000Z", "1970-01-01T00:00:00Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z", "2000-02-29T00:00:00Z"),
            (1_357_139_045_120_000_000, "2013-01-02T15:04:05.120000000Z", "2013-01-02T15:04:05.12Z"),
            (-1, "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999Z"),
        ] as [(Int64, String, String)])
    func `a time is written in UTC`(nanoseconds: Int64, nano: String, short: String) throws {
        let time = Timestamp(nanoseconds: nanoseconds)
        #expect(time.rfc3339Nano == nano && time.rfc3339 == short)
        #expect(try Timestamp(parsing: nano) { _ in 12345 } == time)
    }

    @Test func `every day of four centuries is the day after the one before`() {
        var previous = Timestamp(nanoseconds: 0).civil()
        var wrong: [Int64] = []
        // Steps of ninety minutes: 146,097 of them pass every hour of twenty-five years, leap days and turns of years.
        for step in 1...Int64(146_097) {
            let time = Timestamp(nanoseconds: step * 5_400_000_000_000)
            let civil = time.civil()
            let isLater = (civil.year, civil.month, civil.day) >= (previous.year, previous.month, previous.day)
            if Timestamp(civil) != time || !isLater || civil.day > 31 { wrong.append(step) }
            previous = civil
        }
        #expect(wrong.isEmpty)
    }
}

struct NameTests {
    @Test(
        arguments: zip(
            ["web", "a1", "A_b.c-d", "w", "", "-web", "we b", "웹", ".web", "web/1"],
            [true, true, true, true, false, false, false, false, false, false]))
    func `a new container's name has Docker's characters`(name: String, isValid: Bool) {
        #expect(ContainerName(name).isValidForNew == isValid)
    }

    @Test func `a made-up id is 64 hexadecimal digits and its own`() throws {
        let ids = (0..<1000).map { _ in ContainerID.random() }
        #expect(Set(ids).count == 1000)
        for id in ids { #expect(try ContainerID(parsing: id.text) == id) }
    }

    @Test(arguments: ["", "abc", String(repeating: "A", count: 64), String(repeating: "0", count: 65)])
    func `what is no id is refused`(text: String) {
        #expect(throws: Malformed.self) { try ContainerID(parsing: text) }
        #expect(throws: Malformed.self) { try ImageID(parsing: "sha256:" + text) }
    }
}

struct DetachKeysTests {
    @Test(
        arguments: [
            ("ctrl-p,ctrl-q", [0x10, 0x11]), ("a", [0x61]), ("ctrl-@", [0]), ("ctrl-[,x", [0x1b, 0x78]),
            ("CTRL-_", [0x1f]),
            ("ctrl-a", [1]), ("ctrl-z,ctrl-\\", [0x1a, 0x1c]),
        ] as [(String, [UInt8])])
    func `keys are read as Docker writes them`(text: String, bytes: [UInt8]) throws {
        #expect(try DetachKeys.parse(text)?.bytes == bytes)
    }

    @Test(arguments: zip(["ctrl-", "ctrl-1", "shift-a", "a,,b", "ctrl-p,한"], ["ctrl-", "ctrl-1", "shift-a", "", "한"]))
    func `a bad key is refused by name`(text: String, part: String) {
        #expect { try DetachKeys.parse(text) } throws: { ($0 as? Malformed)?.text == part }
    }

    @Test func `no keys turn detaching off`() throws { #expect(try DetachKeys.parse("") == nil) }
}

struct FilterTests {
    @Test func `a filter is a key and a value`() throws {
        #expect(try Filter(parsing: "Label=a=b") == Filter(key: "label", value: "a=b"))
        for bad in ["", "name", "=x"] { #expect(throws: Malformed.self) { try Filter(parsing: bad) } }
    }
}
