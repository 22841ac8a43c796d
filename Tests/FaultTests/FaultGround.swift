// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc
import Linux
import TestSupport
import Testing

@testable import LocalEngine

/// One engine's roots for many rows: what a fault left is looked at, tidied away, and compared with the beginning.
struct FaultGround: Sendable {
    let dsh: DshProgram
    let paths: EnginePaths
    /// Layers and blobs of the images that are there at the beginning.
    let store: Set<String>

    /// What of a matrix is tried: every row where `DSH_TEST_FAULTS` is set, otherwise a quarter, drawn by `DSH_TEST_SEED` or by
    /// a seed that is printed.
    static func drawn<Row>(_ rows: some Collection<Row>) -> [Row] {
        if getenv("DSH_TEST_FAULTS") != nil { return Array(rows) }
        var lot = Lot(seed: seed)
        return Array(rows.shuffled(using: &lot).prefix(rows.count / 4 + 1))
    }

    private static let seed: UInt64 = {
        let seed = getenv("DSH_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 1...999_999)
        print("faults: a quarter of the rows, drawn with DSH_TEST_SEED=\(seed); all with DSH_TEST_FAULTS=1")
        return seed
    }()

    /// Runs `body` on fresh roots whose images are loaded.
    static func scoped(_ body: (FaultGround) async throws -> Void) async throws {
        try await TemporaryEngineRoots.scoped { roots in try await body(try await FaultGround(roots)) }
    }

    /// Runs every row, in as many lanes as there are processors, each with roots of its own.
    static func each<Row: Sendable>(
        _ rows: [Row], _ body: @escaping @Sendable (Row, FaultGround) async throws -> Void
    ) async throws {
        let lanes = min(2, rows.count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    try await scoped { ground in
                        for index in stride(from: lane, to: rows.count, by: lanes) {
                            do { try await body(rows[index], ground) } catch {
                                Issue.record("\(rows[index]): \(error)")
                                try await ground.tidy()
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    init(_ roots: TemporaryEngineRoots) async throws {
        dsh = DshProgram(roots)
        paths = EnginePaths(root: roots.root, runRoot: roots.run)
        _ = try LocalContainerEngine(paths: paths)
        store = Self.store(roots)
    }

    /// The same program with a fault.
    func dsh(with fault: String?) -> DshProgram {
        var copy = dsh
        if let fault { copy.environment["DSH_FAULT"] = fault }
        return copy
    }

    /// Removes the test's own files.
    func removeFiles() { for name in Self.names(in: dsh.roots.files) { unlink("\(dsh.roots.files)/\(name)") } }

    // MARK: What is there

    static func store(_ roots: TemporaryEngineRoots) -> Set<String> {
        Set(names(in: roots.root + "/layers").map { "layers/" + $0 })
            .union(names(in: roots.root + "/blobs/sha256").map { "blobs/" + $0 })
    }

    /// Files and directories that belong to nobody once every container is removed.
    ///
    /// - Parameter comparingStore: whether the images are those of the beginning. Loaded again from what `save` wrote, they
    ///   have other manifests; what belongs to none is found by `system check` then.
    func leftovers(comparingStore: Bool) -> [String] {
        let found = [paths.root + "/containers", paths.runRoot + "/containers", paths.runRoot + "/execs"]
            .flatMap { directory in Self.names(in: directory).map { directory + "/" + $0 } }
        let drafts = [paths.root, paths.runRoot, paths.seccompPrograms, dsh.roots.files].flatMap { directory in
            Self.names(in: directory).filter { $0.hasSuffix(".new") || $0.contains(".dsh-") }.map {
                directory + "/" + $0
            }
        }
        let difference = comparingStore ? store.symmetricDifference(Self.store(dsh.roots)).sorted() : []
        return found + drafts + difference.map { "store differs in \($0)" }
    }

    /// The supervisors of these roots' containers and execs; what is still becoming a container's program is none.
    var monitors: [Int32] {
        let ids = Set(Self.names(in: paths.root + "/containers"))
        let all = Self.names(in: "/proc").compactMap { Int32($0) }.filter { number in
            let words = (SmallFile.text("/proc/\(number)/cmdline") ?? "").split(separator: "\0").map(String.init)
            return words.count == 2 && words[0] == "dsh-monitor" && ids.contains(words[1])
        }
        return all.filter { number in
            let parent = Self.field("PPid", of: number).flatMap { Int32($0) } ?? 0
            return !all.contains(parent) && Self.field("State", of: number)?.hasPrefix("Z") == false
        }
    }

    /// Whether no supervisor is at work, and none that has become a `dsh settle`.
    var isQuiet: Bool {
        let ids = Self.names(in: paths.root + "/containers")
        return !Self.names(in: "/proc").contains { number in
            guard number.first?.isNumber == true, let words = SmallFile.text("/proc/\(number)/cmdline") else {
                return false
            }
            return words.contains(paths.root) || (words.hasPrefix("dsh-monitor") && ids.contains { words.contains($0) })
        }
    }

    /// Those of containers, as their locks say.
    var containerMonitors: Set<Int32> {
        let directory = paths.runRoot + "/containers"
        let locks = Self.names(in: directory).map { SmallFile.text("\(directory)/\($0)/lock") ?? "" }
        return Set(locks.compactMap { $0.split(separator: "\n").first.flatMap { Int32($0) } })
    }

    static func names(in path: String) -> [String] {
        // A directory that is not there is empty.
        ((try? Descriptor(opening: path, O_RDONLY | O_DIRECTORY).entryNames()) ?? []).sorted()
    }

    static func field(_ name: String, of process: Int32) -> String? {
        SmallFile.text("/proc/\(process)/status")?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            .map { String($0.dropFirst(name.count + 1).filter { $0 != "\t" }) }
    }

    static func isStopped(_ process: Int32) -> Bool { field("State", of: process)?.hasPrefix("T") == true }

    // MARK: What must hold afterwards

    /// What is there outside the directories, but for a disk that a test mounted as the root.
    private func leaks() async -> [String] {
        await dsh.roots.leaksInTheEnd(but: ["mount \(paths.root)"])
    }

    /// Ends whatever a row that failed has left, so that the next one begins as the first.
    private func tidy() async throws {
        for monitor in monitors { kill(monitor, SIGKILL) }
        let engine = try LocalContainerEngine(paths: paths)
        for container in try await engine.containers.list(ContainerQuery(all: true)) {
            try await engine.containers.remove(ContainerName(container.id.text), force: true, volumes: false)
        }
        _ = try await engine.images.restoreStarters()
        removeFiles()
    }

    /// The next commands tell the truth and work, and afterwards nothing is left of the container `c`.
    func expectConsistent(_ row: some CustomStringConvertible, comparingStore: Bool = true) async throws {
        let engine = try LocalContainerEngine(paths: paths)
        let listed = try await engine.containers.list(ContainerQuery(all: true))
        for container in listed {
            // An end that has just come is told once its supervisor has written it down.
            for attempt in 1... {
                // One that removes itself may be gone since it was listed.
                guard let state = try await Self.state(of: container.id, engine) else { break }
                if !state.isRunning || (state.processID > 0 && kill(state.processID, 0) == 0) { break }
                guard attempt < 100 else {
                    Issue.record("\(row): \(state) has no process")
                    break
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        if !listed.contains(where: { $0.state.isRunning }) {
            let left = await leaks()
            #expect(left.isEmpty, "\(row): nothing runs, and there is \(left)")
        }
        try await expectNameToBeUsable(engine, listed, row)
        for container in try await engine.containers.list(ContainerQuery(all: true)) {
            try await engine.containers.remove(ContainerName(container.id.text), force: true, volumes: false)
        }
        try await expectClean(engine, row, comparingStore: comparingStore)
    }

    /// A container's state; `nil` where it is there no more.
    private static func state(of id: ContainerID, _ engine: LocalContainerEngine) async throws -> ContainerState? {
        do { return try await engine.containers.inspect(ContainerName(id.text)).summary.state } catch let error
            as EngineError where error.code == .notFound
        { return nil }
    }

    /// A container of the same name can be run, or the refusal says that there is one.
    private func expectNameToBeUsable(
        _ engine: LocalContainerEngine, _ listed: [ContainerSummary], _ row: some CustomStringConvertible
    ) async throws {
        var request = ContainerRequest(image: "starter")
        request.command = ["true"]
        request.name = "c"
        request.removesItself = true
        let holder = listed.first { $0.name == "c" }
        do {
            let started = try await engine.containers.run(request, attaching: AttachRequest(input: false))
            if let holder {
                let isThere = try await Self.state(of: holder.id, engine) != nil
                #expect(!isThere, "\(row): there are two of one name")
            }
            let null = try Descriptor(opening: "/dev/null", O_RDWR)
            let streams = AttachedStreams(input: nil, output: null.number, error: null.number)
            let end = try await started.attachment?.relay(streams, detachKeys: nil)
            #expect(end == .exited(0), "\(row): the next run of that name: \(String(describing: end))")
        } catch let error as EngineError {
            #expect(
                holder != nil && "\(error)".contains("already in use"), "\(row): the next run of that name: \(error)")
        }
    }

    /// `system check` mends what there is, and then finds nothing; disk and machine are as at the beginning.
    func expectClean(
        _ engine: LocalContainerEngine, _ row: some CustomStringConvertible, comparingStore: Bool = true
    ) async throws {
        let unmended = try await engine.system.check(mend: true).filter { !$0.isMended }
        #expect(unmended.isEmpty, "\(row): system check cannot mend \(unmended)")
        let found = try await engine.system.check(mend: false)
        #expect(found.isEmpty, "\(row): system check does not end clean: \(found)")
        let left = leftovers(comparingStore: comparingStore)
        #expect(left.isEmpty, "\(row): left on disk: \(left)")
        // So that each is told once.
        for path in left where path.hasPrefix(dsh.roots.directory) { try TreeRemoval.remove(path) }
        let leaks = await leaks()
        #expect(leaks.isEmpty, "\(row): left on the machine: \(leaks)")
    }
}
