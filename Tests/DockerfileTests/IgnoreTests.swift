// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Dockerfile

struct IgnoreTests {
    static func rules(_ text: String) throws -> IgnoreRules {
        try IgnoreRules(parsing: DockerfileText(text, name: ".dockerignore"))
    }

    /// Rows are a pattern, a path and whether it is excluded.
    @Test(
        arguments: [
            ("**", "file", true), ("**/", "file", true), ("**", "dir/file", true), ("**/**", "dir/file", true),
            ("dir/**", "dir/file", true), ("dir/**", "dir/dir2/file", true), ("**/dir", "dir", true),
            ("**/dir", "dir/file", true),
            ("**/dir2/*", "dir/dir2/file", true), ("**/dir2/**", "dir/dir2/dir3/file", true), ("**file", "file", true),
            ("**file", "dir/file", true), ("**file", "dir/myfile", true), ("**/file", "dir/myfile", false),
            ("**/file*", "dir/dir/file.txt", true), ("**/file*txt", "dir/dir/file.txt", true),
            ("**/file*.txt*", "dir/dir/file.txt", true),
            ("**/**/*.txt", "dir/dir/file.txt", true), ("**/**/*.txt2", "dir/dir/file.txt", false),
            ("**/*.txt", "file.txt", true),
            ("a**/*.txt", "a/file.txt", true), ("a**/*.txt", "a/dir/dir/file.txt", true),
            ("a**/*.txt", "ab/file.txt", true),
            ("a/*.txt", "a/dir/file.txt", false), ("a/*.txt", "a/file.txt", true), ("a/*.txt**", "a/file.txt", true),
            ("a[b-d]e", "ae", false), ("a[b-d]e", "ace", true), ("a[b-d]e", "aae", false), ("a[^b-d]e", "aze", true),
            ("a[^b-d]e", "abe", false),
            (".*", ".foo", true), (".*", "foo", false), ("abc.def", "abcZdef", false), ("abc?def", "abcZdef", true),
            ("abc?def", "abc/def", false),
            ("**/foo/bar", "foo/bar", true), ("**/foo/bar", "dir/dir2/foo/bar", true), ("abc/**", "abc", false),
            ("abc/**", "abc/def/ghi", true),
            ("**/.foo", "bar.foo", false), ("a(b)c/def", "a(b)c/def", true), ("a.|)$(}+{bc", "a.|)$(}+{bc", true),
            ("a\\\\", "a\\", true),
            ("a\\*b", "a*b", true), ("a\\*b", "axb", false), ("*", "abc", true), ("*c", "abc", true),
            ("a*", "ab/c", true), ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false), ("a*b*c*d*e*/f", "axbxcxdxexxx/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true), ("a*b?c*x", "abxbbxdbxebxczzy", false), ("a?b", "a☺b", true),
            ("a[^a]b", "a☺b", true),
            ("a???b", "a☺b", false), ("[a-ζ]*", "α", true), ("*[a-ζ]", "A", false), ("[\\]a]", "]", true),
            ("[\\-x]", "-", true), ("[x\\-]", "z", false),
            ("*x", "xxx", true), ("docs", "docs/README.md", true), ("docs/", "docs/README.md", true),
            ("docs/", "docs", true), ("/docs", "docs", true),
            ("./docs", "docs", true), ("docs/../x", "x", true), ("x//y", "x/y", true), ("../x", "x", false),
            ("node_modules", "a/node_modules", false),
            ("**/node_modules", "a/node_modules/b", true), ("a**b", "ab", true), ("a**b", "axb", false),
            ("a**b", "ax/b", true), ("dir**", "dirx/y", true),
            ("***", "a/b", true), ("# x", "# x", false), (" # x", "# x", true), ("*.md # docs", "a.md", false),
            ("한*", "한글/x", true), (".", "a", false),
            ("/", "a", false), ("", "a", false), ("\u{FEFF}a", "a", true), ("a\r", "a", true), ("  a  ", "a", true),
            ("a b", "a b", true), ("**/*", "a", true),
            ("*/temp*", "a/temp1", true), ("*/temp*", "a/b/temp1", false), ("*/*/temp*", "a/b/temp1", true),
            ("temp?", "tempa", true), ("temp?", "temp", false),
        ] as [(String, String, Bool)])
    func `a pattern excludes what Docker's does`(pattern: String, path: String, isExcluded: Bool) throws {
        #expect(try Self.rules(pattern).verdict(on: path).isExcluded == isExcluded)
    }

    @Test(
        arguments: [
            ("!fileutils.go\n*.go", "fileutils.go", true), ("*.go\n!fileutils.go", "fileutils.go", false),
            ("docs\n!docs/README.md", "docs/README.md", false),
            ("docs/\n!docs/README.md", "docs/README.md", false), ("docs/*\n!docs/README.md", "docs/README.md", false),
            ("**\n!util/docker/web", "util/docker/web/foo", false),
            ("**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo", true),
            ("**\n!dist/*.whl", "dist/a+b.whl", false),
            ("*\n!*/*.txt", "a/b.txt", false), ("*\n!*/*.txt", "a/b.md", true), ("*\n!*/*.txt", "b.txt", true),
            ("*\n!**/*.py", "a/b/c.py", false),
            ("*\n!**/*.py", "a/b/c.js", true), ("*\n!**/*.py", "x.py", false),
            ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true),
            ("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", false),
            ("ignored/*\n!ignored/*/", "ignored/a", false), ("ignored/*\n!ignored/*/", "ignored/a/b", false),
            ("*\n! /src", "src/a", false), ("a\n!a/b\n*", "a/b", false), ("a/b\n!a", "a/b", true),
            ("*\n!src\n**/*.tmp", "src/x/y.tmp", true),
            ("*\n!.", "a", true), ("!a", "a", false),
        ] as [(String, String, Bool)])
    func `the last rule that matches counts`(text: String, path: String, isExcluded: Bool) throws {
        #expect(try Self.rules(text).verdict(on: path).isExcluded == isExcluded)
    }

    @Test(
        arguments: [
            ("!", "illegal exclusion pattern: \"!\"", 0, 1), ("a\n  ! \n", "illegal exclusion pattern: \"!\"", 4, 5),
            ("a\n[", "syntax error in pattern", 2, 3), ("a[", "syntax error in pattern", 0, 2),
            ("[^bc", "syntax error in pattern", 0, 4),
            ("[]a]", "syntax error in pattern", 0, 4), ("[-]", "syntax error in pattern", 0, 3),
            ("[x-]", "syntax error in pattern", 0, 4),
            ("[-x]", "syntax error in pattern", 0, 4), ("a\\", "syntax error in pattern", 0, 2),
            ("[a-b-c]", "syntax error in pattern", 0, 7),
            ("[b-a]", "syntax error in pattern", 0, 5), ("[^", "syntax error in pattern", 0, 2),
        ] as [(String, String, Int, Int)])
    func `a bad pattern has its place`(text: String, message: String, start: Int, end: Int) throws {
        do throws(DockerfileError) {
            _ = try IgnoreRules(parsing: DockerfileText(text, name: ".dockerignore"))
            Issue.record("it was accepted")
        } catch {
            #expect(error.message == message)
            #expect(error.span == TextSpan(start, end))
        }
    }

    @Test func `which rule decided, and where it stands`() throws {
        let rules = try Self.rules("# c\n*.log\n\n!keep.log\ntmp\n")
        let cases: [(String, Int?, Bool)] = [
            ("a.log", 2, true), ("keep.log", 4, false), ("tmp/x/y", 5, true), ("src/a.c", nil, false), ("", nil, false),
        ]
        for (path, line, isExcluded) in cases {
            let verdict = rules.verdict(on: path)
            #expect(verdict.rule?.line == line)
            #expect(verdict.isExcluded == isExcluded)
        }
        #expect(rules.rules.map(\.text.text) == ["*.log", "!keep.log", "tmp"])
        #expect(rules.rules[1].text.span == TextSpan(11, 20))
        #expect(rules.hasExceptions)
    }

    /// Rows are rules, an excluded directory, and whether something in it may be seen.
    @Test(
        arguments: [
            ("a", "a", false), ("a\n!b", "a", false), ("a\n!a/b", "a", true), ("!a/b\na", "a", false),
            ("*\n!**/*.py", "a", true), ("*\n!*/*.txt", "a", true),
            ("*\n!*/*.txt", "a/b", false), ("*\n!a/b/c", "a", true), ("*\n!a/b/c", "a/b", true),
            ("*\n!a/b/c", "a/x", false), ("*\n!a/b/c", "b", false), ("*\n!x/**", "x", true),
            ("**\n!x/**", "x", true), ("**\n!x/**", "y", false), ("**\n!x**", "y", false), ("**\n!y/z**", "y", true),
            ("*\n!a?/b", "ab", true), ("*\n!a?/b", "abc", false),
            ("*\n!*.md", "docs", false), ("a\n!**b", "a", true), ("*\n!b/**\nb/c", "b/c", false),
            ("*\n!b/**\nb/c\n!b/c/d/*.x", "b/c", true), ("*\n![a-c]/x", "b", true), ("*\n![a-c]/x", "d", false),
        ] as [(String, String, Bool)])
    func `an excluded directory is walked where an exception can match below`(
        text: String, path: String, mustWalk: Bool
    ) throws {
        let rules = try Self.rules(text)
        let verdict = rules.verdict(on: path)
        #expect(verdict.isExcluded)
        #expect(rules.mustWalk(path, verdict) == mustWalk)
    }

    @Test(
        arguments: [
            ("node_modules", "web/node_modules", "**/node_modules"), ("*.pyc", "a/b/c.pyc", "**/*.pyc"),
            ("node_modules", "node_modules2", nil), ("*", "a/b", nil),
            ("a/b", "x/a/b", nil), ("!node_modules", "web/node_modules", nil), (".env", "app/.env", "**/.env"),
            ("**/x", "a/x", nil),
        ] as [(String, String, String?)])
    func `what a reader of gitignore may have meant`(text: String, path: String, pattern: String?) throws {
        #expect(try Self.rules(text).likelyMeant(for: path)?.pattern == pattern)
    }

    @Test(
        arguments: [
            ("", "."), (".", "."), ("a/", "a"), ("/a/", "/a"), ("a//b/./c", "a/b/c"), ("a/../b", "b"), ("../a", "../a"),
            ("/../a", "/a"), ("a/..", "."), ("//", "/"), ("a/../../b", "../b"),
        ] as [(String, String)])
    func `a path is cleaned as Go does`(path: String, clean: String) { #expect(path.cleanedPath == clean) }

    @Test func `patterns of COPY --exclude`() throws {
        let rules = try IgnoreRules(patterns: [
            Word("*.md", TextSpan(0, 4)), Word("", TextSpan(4, 4)), Word("!a.md", TextSpan(5, 10)),
        ])
        #expect(rules.verdict(on: "b.md").rule?.line == 1)
        #expect(!rules.verdict(on: "a.md").isExcluded)
    }
}
