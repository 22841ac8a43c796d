// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import TestSupport
import Testing

/// A disk that is full, and a process that may open no more files, in the middle of every operation: one line says so, the
/// status is Docker's, nothing is half done, and the same command works once there is room.
struct ExhaustionTests {
    private static let context =
        "mkdir -p context && echo f > context/f && cd context && printf '%s\\n' "
        + "'FROM starter' 'COPY f /f' 'RUN head -c 100000 /dev/zero > /zeros' > Dockerfile"

    private static let copyIn = FaultOperation(
        description: "cp into", words: ["cp", "data", "c:/"],
        prepare: {
            try $0.roots.write(String(repeating: "x", count: 200_000), to: "data")
            try await $0.succeed("create", "--name", "c", "starter", "true")
        })

    private static let build = FaultOperation(
        description: "build", words: ["build", "-q", "-t", "built", "context"],
        prepare: { try await Program("/bin/sh", ["-c", context], directory: $0.roots.files).succeed() },
        putRight: {
            try await $0.succeed("build", "-q", "-t", "built", "context")
            try await $0.succeed("rmi", "-f", "built")
            try await $0.succeed("builder", "prune", "-a", "-f")
        }, changesStore: true)

    private static let create = FaultOperation(
        description: "create", words: ["create", "--name", "c", "starter", "true"])

    private static let operations: [FaultOperation] = [
        .run, .runAndRemove, .runDetached, create, .start, .kill, .remove, .removeByForce, .exec, .save, .load, copyIn,
        build,
    ]

    private static func judge(
        _ result: ProgramResult, _ operation: FaultOperation, _ row: String, saying reasons: [String]
    ) {
        if result.status == 0 { return }
        #expect([operation.failure, 1, 125].contains(result.status), "\(row): status \(result.status)")
        // Of a build, the step and its place in the Dockerfile are shown too.
        let sentences = result.errorLines.count { $0.hasPrefix("dsh: ") }
        #expect(sentences == 1, "\(row): \(result.errorText)")
        #expect(result.sentences == 1 || operation.words.first == "build", "\(row): \(result.errorText)")
        #expect(reasons.contains(where: result.errorText.contains), "\(row): \(result.errorText)")
        #expect(!result.errorText.contains("SQL"), "\(row): \(result.errorText)")
    }

    // MARK: ENOSPC

    /// Bytes that are left: from nothing, over some pages for the records, to enough for one layer of two.
    private static let rooms = [0, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20]

    @Test(arguments: operations)
    func `on a full disk`(operation: FaultOperation) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            try DetachedMount(of: "tmpfs", [.value("size", "64m")]).attach(at: roots.root)
            defer { umount2(roots.root, CInt(MNT_DETACH)) }
            let ground = try await FaultGround(roots)
            var failures = 0
            for room in FaultGround.drawn(Self.rooms.dropFirst()) + Self.rooms.prefix(1) {
                let row = "\(operation) with \(room) bytes left"
                try await operation.prepare(ground.dsh)
                try Self.fill(roots.root, leaving: room)
                var program = ground.dsh.program(operation.words)
                // What is saved goes to the same disk.
                if operation.words.first == "save" { program.arguments[2] = roots.root + "/saved.tar" }
                let result = try await program.run(within: .seconds(60))
                Self.judge(result, operation, row, saying: ["No space left on device", "no space left on device"])
                if result.status != 0 { failures += 1 }
                let saved = access(roots.root + "/saved.tar", F_OK) == 0
                #expect(saved == (operation.words.first == "save" && result.status == 0), "\(row)")
                unlink(roots.root + "/saved.tar")
                unlink(roots.root + "/filler")
                try await operation.putRight(ground.dsh)
                try await ground.expectConsistent(Row(row), comparingStore: !operation.changesStore)
                ground.removeFiles()
            }
            // What an exec needs is in the run directory.
            #expect(failures > 0 || operation.words.first == "exec", "the disk was never full")
        }
    }

    private static func fill(_ directory: String, leaving room: Int) throws {
        var status = statvfs()
        try attempt("look at \(directory)") { statvfs(directory, &status) }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let file = try Descriptor(opening: directory + "/filler", O_WRONLY | O_CREAT, mode: 0o600)
        if free > room { posix_fallocate(file.number, 0, off_t(free - room)) }
    }

    // MARK: EMFILE

    @Test(arguments: operations)
    func `with few open files`(operation: FaultOperation) async throws {
        try await FaultGround.scoped { ground in
            var failures = 0
            // Fewer than four, and the program cannot be loaded.
            for limit in FaultGround.drawn([4, 5, 6, 8, 10, 12, 14, 16, 17, 18, 19, 20, 21, 22, 24, 28, 32]) + [4, 64] {
                let row = "\(operation) with \(limit) open files"
                try await operation.prepare(ground.dsh)
                var program = ground.dsh.program(operation.words)
                program.arguments = ["-c", "ulimit -n \(limit); exec \"$0\" \"$@\"", program.path] + program.arguments
                program.path = "/bin/sh"
                let result = try await program.run(within: .seconds(60))
                // The loader's own words, before dsh is there at all.
                let isLoaded = !result.errorText.contains("error while loading shared libraries")
                if isLoaded {
                    Self.judge(result, operation, row, saying: ["Too many open files", "too many open files"])
                }
                if result.status != 0 { failures += 1 }
                #expect(result.status == 0 || limit < 64, "\(row): \(result.errorText)")
                try await operation.putRight(ground.dsh)
                try await ground.expectConsistent(Row(row), comparingStore: !operation.changesStore)
                ground.removeFiles()
            }
            #expect(failures > 0)
        }
    }

    private struct Row: CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
