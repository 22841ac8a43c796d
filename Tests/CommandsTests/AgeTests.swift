// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Testing

@testable import Commands

struct AgeTests {
    @Test(arguments: [
        (0, "Less than a second"), (1, "1 second"), (2, "2 seconds"), (59, "59 seconds"), (60, "About a minute"),
        (119, "About a minute"), (120, "2 minutes"), (3599, "59 minutes"), (3600, "About an hour"),
        (5399, "About an hour"),
        (5400, "2 hours"), (47 * 3600, "47 hours"), (48 * 3600, "2 days"), (13 * 86400, "13 days"),
        (14 * 86400, "2 weeks"),
        (59 * 86400, "8 weeks"), (60 * 86400, "2 months"), (729 * 86400, "24 months"), (730 * 86400, "2 years"),
        (3650 * 86400, "10 years"),
    ])
    func `a span of time is told in Docker's words`(seconds: Int, text: String) {
        #expect(Age.text(.seconds(seconds)) == text)
    }

    @Test(
        arguments: [
            ("10m", 600), ("1h30m", 5400), ("1.5s", 1.5), ("42s", 42), ("100ms", 0.1), ("-10m", -600),
            ("2h45m10s", 9910),
        ] as [(String, Double)])
    func `an age is read as Go reads durations`(text: String, seconds: Double) {
        #expect(Moment.age(text) == Int64(seconds * 1e9))
    }

    @Test(arguments: ["", "10", "m", "10x", "1h30", "2013-01-02", "10m ago", "--1m"])
    func `what is no duration is none`(text: String) { #expect(Moment.age(text) == nil) }

    @Test func `a printed stamp read again is the same moment, whatever the zone`() throws {
        let stamp = "2024-05-01T12:34:56.123456789Z"
        #expect(try Moment.parse(stamp).rfc3339Nano == stamp)
    }
}
