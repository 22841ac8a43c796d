// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import TestSupport
import Testing

@testable import LocalEngine

/// What an image says of how it was made, and who and what its files become: as BuildKit does it.
@Suite struct BuildHistoryTests {
    @Test func `the history is in BuildKit's words, and says which steps made a layer`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("x", to: "f")
            try await stage.build(
                """
                FROM scratch
                LABEL by="me and you"
                ARG A=1
                COPY --chown=1:2 f /d/
                WORKDIR /
                WORKDIR /w
                FROM starter
                ARG A=1
                ENV B=$A
                RUN echo $A
                CMD ["a", "b"]
                EXPOSE 80
                ONBUILD RUN echo later
                """
            ) { $0.target = nil }
            func history(_ name: ImageName) async throws -> [String] {
                try await stage.engine.images.history(name).reversed().map { "\($0.createdBy) \($0.size.bytes)" }
            }
            let base = try await history("starter")
            #expect(
                Array(try await history("t").dropFirst(base.count)) == [
                    "ARG A=1 0", "ENV B=1 0", "RUN |1 A=1 /bin/sh -c echo $A # buildkit 0", "CMD [\"a\" \"b\"] 0",
                    "EXPOSE [80/tcp] 0",
                ])
            try await stage.build { $0.target = "0" }
            #expect(
                try await history("t") == [
                    "LABEL by=me and you 0", "ARG A=1 0", "COPY --chown=1:2 f /d/ # buildkit 1", "WORKDIR / 0",
                    "WORKDIR /w 0",
                ])
            let details = try await stage.engine.images.inspect("t")
            #expect(details.diffIDs.count == 2 && details.settings.workingDirectory == "/w")
        }
    }

    @Test(arguments: [
        ("u=rwX,go=rX", "644 f\n755 x\n755 d"), ("g+w,o-rwx", "660 f\n770 x\n770 d"), ("u+s", "4640 f\n4750 x\n4750 d"),
        ("640", "640 f\n640 x\n640 d"),
    ])
    func `chmod takes digits and changes`(mode: String, result: String) async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("1", to: "t/f", mode: 0o640)
            try stage.write("1", to: "t/x", mode: 0o750)
            try stage.write("1", to: "t/d/inner", mode: 0o640)
            chmod(stage.context + "/t/d", 0o750)
            let file = "FROM starter\nCOPY --chmod=\(mode) t /t/\nADD --chmod=\(mode) t /a/"
            try await stage.build(file)
            for place in ["/t", "/a"] {
                #expect(try await stage.run("sh", "-c", "cd \(place); stat -c '%a %n' f x d") == result)
            }
            // What the mode was decides only where the change leaves some of it.
            chmod(stage.context + "/t/f", 0o641)
            let isCached = try await stage.build(file).told.lines == ["1 cached", "2 cached", "3 cached"]
            #expect(isCached == (mode == "640"))
        }
    }

    @Test func `a number without a group is the group too, and a file onto a link goes where it leads`() async throws {
        try await BuildStage.scoped { stage async throws in
            try stage.write("new", to: "f")
            try await stage.build(
                """
                FROM starter
                RUN mkdir -p /real/sub && echo old > /real/file && ln -s /real/file /link && ln -s ../real/none /opt/dangling
                RUN ln -s /../../real/file /out && ln -s loop /loop
                COPY f /link
                COPY f /opt/dangling
                COPY f package.json* /out
                USER 55
                WORKDIR /new
                """)
            #expect(
                try await stage.run("sh", "-c", "cat /real/file /real/none; readlink /link; stat -c %u:%g /new")
                    == "newnew/real/file\n55:55")
            #expect(try await stage.failure("FROM t\nRUN true\nCOPY f /loop").contains("too many links at /loop"))
        }
    }
}
