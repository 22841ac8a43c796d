// SPDX-License-Identifier: Apache-2.0
import CTestSupport
import Glibc
import Linux

/// What an engine has left on the machine: everything that names its directory or carries its tag.
///
/// Several engines work on one machine at the same time, so that a difference between before and after would see other
/// tests' work too; what is asked here is only: whose name is on it?
public struct LeakCheck: Sendable {
    /// The directory under which the engine's two roots lie.
    public let directory: String
    /// The word that stands in the names of its interfaces, tables and cgroups; `nil` leaves those out.
    public let tag: String?

    /// A check for the engine under `directory`.
    public init(directory: String, tag: String? = nil) {
        self.directory = directory
        self.tag = tag
    }

    /// One line for each thing that is still there; files under the directory are no leak.
    public var findings: [String] { findings(with: processes) }

    /// The same for one who has just looked for the processes.
    func findings(with processes: [Worker]) -> [String] {
        processes.map { "process \($0.number): \($0.reason)" } + mounts.map { "mount \($0)" } + named
    }

    /// A process that works for the engine: a monitor, a container's program.
    public struct Worker: Sendable {
        /// Its process number.
        public let number: Int32
        /// Where the directory's name was seen.
        public let reason: String
    }

    /// Processes other than this one whose root file system, open files, words or environment lie under the directory.
    public var processes: [Worker] {
        names(in: "/proc").compactMap { Int32($0) }.filter { $0 != getpid() }.compactMap { number in
            reason(of: number).map { Worker(number: number, reason: $0) }
        }
    }

    /// Mount points under the directory, deepest first.
    public var mounts: [String] {
        guard let table = mentioning(directory, "/proc/self/mountinfo") else { return [] }
        return lines(in: table).compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields.count > 4 else { return nil }
            let point = String(fields[4])
            return isInside(point) ? point : nil
        }.reversed()
    }

    /// Ports of the engine's bridge and cgroups of its containers.
    ///
    /// The bridge and the nftables table themselves stand for as long as the root does, as Docker's do.
    public var named: [String] {
        guard let tag else { return [] }
        let bridge = "dsh-" + tag
        let ports = names(in: "/sys/class/net").filter { name in
            name != bridge
                && (name.contains(tag) || linkTarget("/sys/class/net/\(name)/master")?.hasSuffix(bridge) == true)
        }
        let tables = nftablesTables().filter { $0.contains(tag) && $0 != bridge }
        return ports.map { "interface \($0)" } + tables.map { "nftables table \($0)" }
            + cgroups(tagged: tag).map { "cgroup \($0)" }
    }

    /// Kills, unmounts and removes what was found, so that one failed test does not spoil the next.
    public func clean() {
        // A container dies with its monitor: again until nobody is left, but not for ever.
        for _ in 0..<50 {
            let left = processes
            if left.isEmpty { break }
            for worker in left { kill(worker.number, SIGKILL) }
            usleep(20_000)
        }
        for point in mounts { umount2(point, CInt(MNT_DETACH)) }
        guard let tag else { return }
        for path in cgroups(tagged: tag).reversed() { rmdir(path) }
    }

    /// Takes away what stands as long as the root does: its bridge, with what is left on it, and its nftables table.
    public func removeNetwork() {
        guard let tag else { return }
        deleteNftablesTable("dsh-" + tag)
        deleteInterfaces(tagged: tag)
    }

    private func deleteInterfaces(tagged tag: String) {
        do {
            let route = try NetlinkSocket(.route)
            let all = try route.interfaces()
            let bridge = all.first { $0.name == "dsh-" + tag }
            var batch = NetlinkBatch()
            for port in all where port.name.contains(tag) || bridge.map({ $0.index == port.master }) == true {
                batch.deleteLink(index: port.index, name: port.name)
            }
            if !batch.isEmpty { try route.perform(batch) }
        } catch {
            print("cannot remove the interfaces of \(directory): \(error)")
        }
    }

    private func isInside(_ path: String) -> Bool { path == directory || path.hasPrefix(directory + "/") }

    private func reason(of number: Int32) -> String? {
        let base = "/proc/\(number)"
        var words: String { shown(bytes(of: "\(base)/cmdline")) }
        for link in ["exe", "cwd", "root"] {
            if let target = linkTarget("\(base)/\(link)"), isInside(target) { return "its \(link) is \(target)" }
        }
        if let words = mentioning(directory, "\(base)/cmdline") { return shown(words) }
        for descriptor in names(in: "\(base)/fd") {
            if let target = linkTarget("\(base)/fd/\(descriptor)"), isInside(target) {
                return "\(words) holds \(target)"
            }
        }
        guard let table = mentioning(directory, "\(base)/mountinfo") else { return nil }
        let isRoot = lines(in: table).contains { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            return fields.count > 5 && fields[4] == "/" && fields[5].contains(directory)
        }
        return isRoot ? "\(words) has a root file system there" : nil
    }

    private func shown(_ words: [UInt8]) -> String {
        String(decoding: words.map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }

    private func cgroups(tagged tag: String) -> [String] {
        var found: [String] = []
        func walk(_ path: String, depth: Int) {
            for name in directories(in: path) {
                let inner = "\(path)/\(name)"
                if name.contains(tag) { found.append(inner) }
                if depth < 4 { walk(inner, depth: depth + 1) }
            }
        }
        walk("/sys/fs/cgroup", depth: 0)
        return found
    }
}

/// The names in a directory; nothing where there is none.
func names(in path: String) -> [String] { entries(of: path) { _ in true } }

/// The names of the directories in a directory, links to some not among them.
private func directories(in path: String) -> [String] { entries(of: path) { $0 == UInt8(DT_DIR) } }

private func entries(of path: String, where isWanted: (UInt8) -> Bool) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        guard isWanted(entry.pointee.d_type) else { continue }
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// The whole of a file; empty where it cannot be read (a process that has just ended, say).
func bytes(of path: String) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var bytes: [UInt8] = []
    while true {
        let part = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
            count = max(read(file, buffer.baseAddress, buffer.count), 0)
        }
        if part.isEmpty { return bytes }
        bytes += part
    }
}

/// The whole of a file that mentions `word`, `nil` of every other.
///
/// Every process is looked at several times a test, and hardly one is the engine's: taking all their tables apart into
/// strings took seconds.
private func mentioning(_ word: String, _ path: String) -> [UInt8]? {
    let bytes = bytes(of: path)
    return ctest_contains(bytes, bytes.count, word) ? bytes : nil
}

/// The whole text of a file; empty where it cannot be read.
func text(of path: String) -> String { String(decoding: bytes(of: path), as: UTF8.self) }

func lines(of path: String) -> [Substring] { lines(in: bytes(of: path)) }

func lines(in bytes: [UInt8]) -> [Substring] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n")
}

func linkTarget(_ path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
}

func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}
