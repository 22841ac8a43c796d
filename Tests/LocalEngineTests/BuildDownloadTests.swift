// SPDX-License-Identifier: Apache-2.0
import Engine
import Foundation
import TestSupport
import Testing

@testable import LocalEngine

/// ADD of addresses, from a server on the loopback address.
@Suite struct BuildDownloadTests {
    private func scoped(_ body: (BuildStage, FileServer, String) async throws -> Void) async throws {
        let server = try FileServer()
        defer { server.close() }
        try await BuildStage.scoped { try await body($0, server, "http://127.0.0.1:\(server.port)") }
    }

    @Test func `a downloaded file has its name from the address, mode 600 and the server's date`() async throws {
        try await scoped { stage, server, base async throws in
            server.give("/dir/data.txt?x=1", "hello\n", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n")
            server.give("/plain", "undated")
            try await stage.build(
                "FROM starter\nADD \(base)/dir/data.txt?x=1 /d/\nADD --chown=7:8 --chmod=755 \(base)/plain /p")
            #expect(
                try await stage.run("sh", "-c", "cat /d/data.txt; stat -c '%n %a %u:%g %Y' /d/data.txt /p")
                    == "hello\n/d/data.txt 600 0:0 784111777\n/p 755 7:8 0")
        }
    }

    @Test func `only the contents decide whether it is added anew`() async throws {
        try await scoped { stage, server, base async throws in
            let file = "FROM starter\nADD \(base)/f /f"
            server.give("/f", "one", "ETag: 1\r\n")
            try await stage.build(file)
            server.give("/f", "one", "ETag: 2\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n")
            #expect(try await stage.build(file).told.lines == ["1 cached", "2 cached"])
            server.give("/f", "two")
            let told = try await stage.build(file).told.lines
            #expect(told[1].hasPrefix("2 missed: \(base)/f changed: 7692c3ad3540 → 3fc4ccfe7458"), "\(told)")
            #expect(try await stage.run("cat", "/f") == "two")
        }
    }

    @Test func `what a checksum names is not downloaded again, and nothing else is taken`() async throws {
        try await scoped { stage, server, base async throws in
            let one = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
            let file = "FROM starter\nADD --checksum=sha256:\(one) \(base)/f /f"
            server.give("/f", "two")
            #expect(
                try await stage.failure(file).contains("digest mismatch sha256:3fc4ccfe745870e2c0d99f71f30ff0656c8de"))
            server.give("/f", "one")
            try await stage.build(file)
            #expect(server.requests.count == 2)
            #expect(try await stage.build(file).told.lines == ["1 cached", "2 cached"])
            #expect(server.requests.count == 2)
        }
    }

    @Test func `redirects are followed, chunks are put together, archives stay whole unless asked`() async throws {
        try await scoped { stage, server, base async throws in
            server.answer("/a", Array("HTTP/1.1 302 Found\r\nLocation: /dir/b\r\n\r\n".utf8))
            server.answer("/dir/b", Array("HTTP/1.1 307 Temporary Redirect\r\nLocation: c\r\n\r\n".utf8))
            let chunks = "5;x=y\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n"
            server.answer(
                "/dir/c",
                Array(
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)".utf8))
            server.answer("/open", Array("HTTP/1.0 200 OK\r\n\r\nto the end".utf8))
            try stage.write("inside", to: "tree/file")
            try await Program("/bin/tar", ["-cf", stage.context + "/t.tar", "-C", stage.context, "tree"]).succeed()
            let archive = try Data(contentsOf: URL(fileURLWithPath: stage.context + "/t.tar"))
            server.answer("/t.tar", Array("HTTP/1.1 200 OK\r\nContent-Length: \(archive.count)\r\n\r\n".utf8) + archive)
            try await stage.build(
                "FROM starter\nADD \(base)/a \(base)/open /d/\nADD \(base)/t.tar /t/\nADD --unpack=true \(base)/t.tar /u/"
            )
            #expect(
                try await stage.run("sh", "-c", "cat /d/a; echo; cat /d/open; echo; ls /t; cat /u/tree/file")
                    == "hello, world\nto the end\nt.tar\ninside")
        }
    }

    @Test(arguments: [
        ("", "invalid response status 404"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "the connection ended after 4 of 10 bytes"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "a chunk has no size"),
        ("HTTP/1.1 302 Found\r\nLocation: /f\r\n\r\n", "stopped after 10 redirects"),
        ("HTTP/1.1 302 Found\r\nLocation: https://example.com/x\r\n\r\n", "dsh downloads from http:// only"),
        ("HTTP/1.1 200 OK\r\nContent-Len", "the server closed the connection"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "the answer is not HTTP"),
    ])
    func `an answer that is none says why, and leaves nothing`(answer: String, reason: String) async throws {
        try await scoped { stage, server, base async throws in
            if !answer.isEmpty { server.answer("/f", Array(answer.utf8)) }
            let failure = try await stage.failure("FROM starter\nADD \(base)/f /f")
            #expect(failure.contains(reason), "\(failure)")
        }
    }
}
