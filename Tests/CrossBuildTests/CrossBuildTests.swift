// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

/// The same Dockerfiles built by dsh and by BuildKit: the same trees, owners, modes, attributes and settings.
@Suite(
    .serialized, .enabled(if: ReferenceDocker.isHere, "no Docker of Debian's packages, or no python3, to compare with"),
    .besideDocker)
struct CrossBuildTests {
    @Test(arguments: CrossCase.all)
    func `an image is what BuildKit makes of the same Dockerfile`(subject: CrossCase) async throws {
        guard let fault = AllowedDifference.faults[subject.name] else { return try await compare(subject) }
        await withKnownIssue("\(fault)") { try await compare(subject) }
    }

    private func compare(_ subject: CrossCase) async throws {
        let docker = try #require(ReferenceDocker.current)
        try await DshProgram.scoped { dsh in
            let context = try await subject.makeContext(in: dsh.roots.files)
            async let ours = buildHere(subject, dsh, context)
            async let theirs = buildThere(subject, docker, context, archive: dsh.roots.files + "/theirs.tar")
            let differences = try await ours.differences(from: theirs).filter {
                !AllowedDifference.allow($0, in: subject)
            }
            #expect(differences.isEmpty, "\(differences.prefix(20).map(\.testDescription).joined(separator: "\n"))")
        }
    }

    private func buildHere(_ subject: CrossCase, _ dsh: DshProgram, _ context: String) async throws -> ImageFacts {
        var there = dsh
        there.directory = context
        let build = ["build", "-q", "--network", "none"]
        if let base = subject.base {
            try await there.program(build + ["-t", "base", "-f", base, "."]).succeed()
        }
        try await there.program(build + ["-t", "cross"] + subject.flags + ["."]).succeed(within: .seconds(120))
        let archive = dsh.roots.files + "/ours.tar"
        try await dsh.succeed("save", "-o", archive, "cross")
        return try await ImageFacts(ofArchive: archive)
    }

    private func buildThere(
        _ subject: CrossCase, _ docker: ReferenceDocker, _ context: String, archive: String
    ) async throws -> ImageFacts {
        func build(_ words: [String]) async throws {
            var program = docker.program(["build", "-q", "--network", "none"] + words + ["."])
            program.directory = context
            try await program.succeed(within: .seconds(120))
        }
        if let base = subject.base { try await build(["-t", "base", "-f", base]) }
        try await build(["-t", "cross"] + subject.flags + (subject.reference.map { ["-f", $0] } ?? []))
        try await docker.succeed("save", "-o", archive, "cross")
        return try await ImageFacts(ofArchive: archive)
    }

    @Test func `there are forty Dockerfiles of eight instructions, and each instruction is in three of them`() {
        let long = CrossCase.all.filter { $0.keywords.count >= 8 }
        #expect(long.count >= 40)
        #expect(CrossCase.all.filter { $0.keywords.count < 8 }.map(\.name) == [])
        for keyword in CrossCase.allKeywords {
            #expect(CrossCase.all.count { $0.keywords.contains(keyword) } >= 3, "\(keyword)")
        }
    }

    @Test func `an image that was built here runs in Docker`() async throws {
        let docker = try #require(ReferenceDocker.current)
        try await DshProgram.scoped { dsh in
            let image = try await imageThatTells(dsh)
            try await dsh.program(["build", "-q", "-t", "told-here", image]).succeed()
            try await dsh.succeed("save", "-o", "told.tar", "told-here")
            try await docker.succeed("load", "-q", "-i", dsh.roots.files + "/told.tar")
            #expect(try await docker.succeed("run", "--rm", "--network", "none", "told-here") == Self.told)
        }
    }

    @Test func `an image that Docker built runs here`() async throws {
        let docker = try #require(ReferenceDocker.current)
        try await DshProgram.scoped { dsh in
            let image = try await imageThatTells(dsh)
            try await docker.succeed("build", "-q", "--network", "none", "-t", "told-there", image)
            let archive = dsh.roots.files + "/told.tar"
            try await docker.succeed("save", "-o", archive, "told-there")
            #expect(try await dsh.succeed("load", "-i", archive) == "Loaded image: told-there:latest")
            #expect(try await dsh.succeed("run", "--rm", "--network", "none", "told-there") == Self.told)
        }
    }

    private static let told = "33 /work value 파일 one three"

    /// A context whose image tells what it is.
    private func imageThatTells(_ dsh: DshProgram) async throws -> String {
        let text = """
            FROM starter
            ENV NAME=value
            RUN mkdir -p /work/d && cd /work/d && touch one two && chown -R 33 /work
            COPY 파일 /work/
            RUN rm /work/d/two && touch /work/d/three
            WORKDIR /work
            USER 33
            ENTRYPOINT ["sh", "-c"]
            CMD ["echo $(id -u) $PWD $NAME $(cat 파일) $(ls d)"]
            """
        try dsh.roots.write(text, to: "told/Dockerfile")
        try dsh.roots.write("파일\n", to: "told/파일")
        return dsh.roots.files + "/told"
    }
}
