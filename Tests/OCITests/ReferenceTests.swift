// SPDX-License-Identifier: Apache-2.0
import OCI
import Testing

private let hex = String(repeating: "ab", count: 32)

struct ReferenceTests {
    @Test(
        arguments: [
            // What is typed, its registry, its path, its tag.
            ("node", "docker.io", "library/node", nil), ("node:20", "docker.io", "library/node", "20"),
            ("a/b", "docker.io", "a/b", nil), ("a/b:1", "docker.io", "a/b", "1"), ("a/b/c", "docker.io", "a/b/c", nil),
            ("docker.io/u", "docker.io", "library/u", nil), ("docker.io/u/v", "docker.io", "u/v", nil),
            ("index.docker.io/u", "docker.io", "library/u", nil),
            ("docker.io/library/u", "docker.io", "library/u", nil),
            ("my:5000/u", "my:5000", "u", nil), ("my:5000/u:5000", "my:5000", "u", "5000"),
            ("my:5000", "docker.io", "library/my", "5000"), ("localhost/u", "localhost", "u", nil),
            ("localhost:5000/u:T", "localhost:5000", "u", "T"), ("localhost", "docker.io", "library/localhost", nil),
            ("example.com/u", "example.com", "u", nil), ("127.0.0.1/u", "127.0.0.1", "u", nil),
            ("[::1]:5000/u:v", "[::1]:5000", "u", "v"), ("[2001:db8::1]/u", "[2001:db8::1]", "u", nil),
            ("Uppercase/lower", "Uppercase", "lower", nil), ("a__b/c", "docker.io", "a__b/c", nil),
            ("a---b:x", "docker.io", "library/a---b", "x"), ("a.b_c-d", "docker.io", "library/a.b_c-d", nil),
            ("u:_x.-", "docker.io", "library/u", "_x.-"), ("u:T", "docker.io", "library/u", "T"),
        ] as [(String, String, String, String?)])
    func `a reference is split where every registry splits it`(
        text: String, domain: String, path: String, tag: String?
    ) throws {
        let reference = try Reference(parsing: text)
        #expect(reference.domain == domain)
        #expect(reference.path == path)
        #expect(reference.tag == tag)
        #expect(reference.digest == nil)
    }

    @Test(arguments: ["u", "u:T", "my:5000/a/b:T"])
    func `a digest is split off, with and without a tag before it`(name: String) throws {
        let reference = try Reference(parsing: "\(name)@sha256:\(hex)")
        #expect(reference.digest?.hex == hex)
        #expect(reference.familiar == "\(name)@sha256:\(hex)")
        #expect(try reference.tag == Reference(parsing: name).tag)
    }

    @Test(
        arguments: [
            "", ":latest", "u:", "u@", "u:-x", "u:.x", "-u", "u-", "u._v", "u___v", "u..v", "a//b", "/a", "a/", "a/b/",
            "u:a:b", "u:a/b", "u v", "u:가", "가", "my:port/u", "my:/u", "a:b/c:d/e", "[::1/u", "[zz::1]/u",
            "u@sha256:ab",
            "u@:\(hex)", "-.com/u", "u:" + String(repeating: "a", count: 129),
        ])
    func `what fits no production is refused`(text: String) {
        #expect(throws: ReferenceError.invalidFormat) { try Reference(parsing: text) }
    }

    @Test
    func `a tag may have 128 characters`() throws {
        let tag = String(repeating: "a", count: 128)
        #expect(try Reference(parsing: "u:" + tag).tag == tag)
    }

    @Test
    func `a repository may have 255 characters and no more`() throws {
        let longest = "a/" + String(repeating: "b", count: 253)
        #expect(try Reference(parsing: "my:5000/" + longest).path == longest)
        #expect(throws: ReferenceError.nameTooLong) { try Reference(parsing: longest + "c") }
    }

    @Test(
        arguments: [
            ("U", "library/U", "u"), ("Node:20", "library/Node", "node:20"), ("a/B:T", "a/B", "a/b:T"),
            ("my:5000/U:T", "U", "my:5000/u:T"), ("localhost/aB", "aB", "localhost/ab"),
        ])
    func `capitals are refused, and the name that would do is shown`(
        text: String, repository: String, suggestion: String
    ) {
        #expect(throws: ReferenceError.uppercase(repository: repository, suggestion: suggestion)) {
            try Reference(parsing: text)
        }
        #expect(
            "\(ReferenceError.uppercase(repository: repository, suggestion: suggestion))"
                == "invalid reference format: repository name (\(repository)) must be lowercase: \(suggestion)")
    }

    @Test
    func `64 digits are an id and no name`() {
        #expect(throws: ReferenceError.looksLikeID(hex)) { try Reference(parsing: hex) }
    }

    @Test(
        arguments: [
            ("u@sha512:" + hex, "unsupported digest algorithm"),
            ("u@sha256:" + hex.dropLast(2), "invalid checksum digest length"),
            ("u@sha256:" + hex.uppercased(), "invalid checksum digest format"),
        ])
    func `a digest that is none says why`(text: String, sentence: String) {
        #expect { try Reference(parsing: text) } throws: { "\($0)" == sentence }
    }

    @Test(
        arguments: [
            ("docker.io/library/node:latest", "node:latest"), ("index.docker.io/library/node", "node"),
            ("docker.io/a/b:1", "a/b:1"), ("docker.io/library/a/b", "library/a/b"),
            ("my:5000/library/u:1", "my:5000/library/u:1"),
        ])
    func `what is shown leaves out what nobody types`(text: String, familiar: String) throws {
        let reference = try Reference(parsing: text)
        #expect(reference.familiar == familiar)
        #expect(try Reference(parsing: reference.canonical) == reference)
    }

    @Test
    func `latest is the tag where neither tag nor digest is given`() throws {
        #expect(try Reference(parsing: "node").withDefaultTag.familiar == "node:latest")
        #expect(try Reference(parsing: "node:20").withDefaultTag.familiar == "node:20")
        let pinned = try Reference(parsing: "node@sha256:\(hex)")
        #expect(pinned.withDefaultTag == pinned)
    }
}
