// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// Starting another program of the host with chosen descriptors: posix_spawn(3). Fit for processes with many threads.
public struct SpawnedProgram: Sendable {
    /// Its number; the caller reaps it.
    public let pid: Int32

    /// Starts the file behind `program` with exactly these descriptors from 3 on; its standard streams are /dev/null.
    ///
    /// Whatever else this process has open, close-on-exec or not, does not reach it.
    /// - Parameters:
    ///   - program: see `ProtectedProgram`.
    ///   - arguments: the zeroth included.
    ///   - environment: `NAME=value` each.
    ///   - descriptors: become 3, 4, 5 and so on; `nil` leaves its number closed.
    public init(
        _ program: borrowing ProtectedProgram, arguments: [String], environment: [String], descriptors: [CInt?]
    ) throws(SystemError) {
        // Copies first, all of them past the numbers they are to get, so that none overwrites another.
        let first = 3
        let copies = UnownedCopies(descriptors + [program.file.number], past: CInt(first + descriptors.count + 1))
        guard copies.isComplete else { throw SystemError(step: "duplicate", number: errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        for (index, copy) in copies.numbers.enumerated() {
            if let copy {
                posix_spawn_file_actions_adddup2(&actions, copy, CInt(first + index))
            } else {
                posix_spawn_file_actions_addclose(&actions, CInt(first + index))
            }
        }
        clinux_spawn_close_from(&actions, CInt(first + copies.numbers.count))

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let path = "/proc/self/fd/\(first + descriptors.count)"
        let words = CStrings(arguments)
        let variables = CStrings(environment)
        var number: pid_t = 0
        let failure = posix_spawn(&number, path, &actions, &attributes, words.pointers, variables.pointers)
        guard failure == 0 else { throw SystemError(step: "start \(program.path)", number: failure) }
        pid = number
    }
}

/// A program's file on a read-only copy of its mount that nothing else can reach.
///
/// Whoever gets hold of it through /proc/PID/exe, even with every privilege inside a container, cannot open it for
/// writing: the mount says no, while the program runs and afterwards.
public struct ProtectedProgram: ~Copyable, Sendable {
    let file: Descriptor
    let path: String

    /// Takes the program at `path`.
    public init(_ path: String) throws(SystemError) {
        let mount = try DetachedMount(cloning: path)
        try mount.change(adding: .readOnly)
        file = try mount.tree.duplicate()
        self.path = path
    }
}

/// Descriptors duplicated past some number, closed together.
private final class UnownedCopies {
    let numbers: [CInt?]
    var isComplete: Bool { numbers.allSatisfy { $0.map { $0 >= 0 } ?? true } }

    init(_ descriptors: [CInt?], past first: CInt) {
        numbers = descriptors.map { $0.map { clinux_duplicate_past($0, first) } }
    }

    deinit { for case let number? in numbers where number >= 0 { close(number) } }
}

/// Strings as execve(2) takes them: an array of pointers that ends with a null.
public final class CStrings {
    /// To be used while this object lives.
    public let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    /// Copies the strings.
    public init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
