// SPDX-License-Identifier: Apache-2.0

import Archive
import Content
import Engine
import Glibc
import Linux
import MonitorProtocol
import OCI

/// The starters' BusyBox, unpacked for shells in what has none: `DSH_ROOT/tools-DIGITS`, made once and never changed.
///
/// It is taken from the archive that dsh carries and not from the image `starter`, which may be gone. Inside, it is seen
/// read-only below /dev, where every container has a file system of its own: no file of an image can be in the way, and
/// nothing is left in a container's layer.
struct DebugTools: Hashable, Sendable {
    /// Where the tools are on this machine.
    let directory: String

    /// Where they are seen inside.
    static let place = "/dev/.dsh"
    private static let shell = place + "/bin/sh"
    /// A directory with `again`, which runs the command of a failed step once more, and `history`.
    static let step = "/dev/.dsh-step"

    /// A directory without anything in it.
    var empty: String { directory + "/empty" }

    /// The tools, unpacked where they are not there yet.
    static func prepare(_ paths: EnginePaths) throws -> DebugTools {
        let archive = Base64.bytes(starterArchive)
        let tools = DebugTools(directory: paths.root + "/tools-" + DigestHasher.digest(of: archive).hex.prefix(12))
        guard access(tools.directory, F_OK) != 0 else { return tools }
        // Beside its place, and renamed into it: whoever sees it sees all of it.
        let draft = "\(tools.directory).\(getpid()).new"
        try TreeRemoval.remove(draft)
        do {
            for path in [draft, draft + "/bin", draft + "/empty"] { try SmallFile.makeDirectory(path, mode: 0o755) }
            try unpack(archive, to: draft + "/bin")
            if rename(draft, tools.directory) != 0 {
                guard errno == EEXIST || errno == ENOTEMPTY else { throw EngineError.failed("rename \(draft)") }
                try TreeRemoval.remove(draft)
            }
        } catch {
            // What went wrong first is told; what is left is found by `system check`.
            try? TreeRemoval.remove(draft)
            throw ImageWork.engineError(error)
        }
        return tools
    }

    /// Finds the layer with BusyBox in the archive of images, and in it the program and the names of its applets.
    private static func unpack(_ archive: [UInt8], to directory: String) throws {
        let images = TarReader(MemoryInput(try plain(archive)))
        while let entry = try images.next() {
            guard entry.kind == .regular, entry.path.starts(with: Array("blobs/".utf8)) else { continue }
            var layer: [UInt8] = []
            while let (_, bytes) = try images.contents() { layer += bytes }
            // Configurations and manifests are JSON, which no archive begins with.
            guard layer.first != UInt8(ascii: "{"), try unpackLayer(layer, to: directory) else { continue }
            return
        }
        throw EngineError(.system, .engine, "the images that dsh carries have no BusyBox in them")
    }

    private static func unpackLayer(_ layer: [UInt8], to directory: String) throws -> Bool {
        let files = TarReader(MemoryInput(try plain(layer)))
        var hasProgram = false
        while let entry = try files.next() {
            let path = String(decoding: entry.path, as: UTF8.self)
            guard path.hasPrefix("bin/"), let name = path.split(separator: "/").last else { continue }
            let target = "\(directory)/\(name)"
            if entry.kind == .regular, name == "busybox" {
                var program: [UInt8] = []
                while let (_, bytes) = try files.contents() { program += bytes }
                try SmallFile.write(program, to: target, mode: 0o755)
                hasProgram = true
            } else if entry.kind == .symbolicLink || entry.kind == .hardLink, name != "busybox" {
                guard symlink("busybox", target) == 0 else { throw EngineError.failed("link \(target)") }
            }
        }
        return hasProgram
    }

    private static func plain(_ archive: [UInt8]) throws -> [UInt8] {
        let source = try Decompressed(MemorySource(archive)).source
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while case let count = try chunk.withUnsafeMutableBytes({ try source.read(into: $0) }), count > 0 {
            bytes += chunk[..<count]
        }
        return bytes
    }

    // MARK: What a shell gets

    /// The program: the image's bash where it has one that works, since BusyBox's shell takes its own applets before the
    /// programs of `PATH`, and then BusyBox's; for one command the image's sh comes before that.
    static func program(_ command: String?) -> [String] {
        let choice = """
            for s in /bin/bash /usr/bin/bash \(command == nil ? "" : "/bin/sh"); do
                "$s" -c : 2>/dev/null && exec "$s" "$@"
            done
            exec \(shell) "$@"
            """
        return [shell, "-c", choice, "debug"] + (command.map { ["-c", $0] } ?? [])
    }

    /// `PATH` with the tools behind everything that is there.
    static func path(_ environment: [String]) -> String {
        let path = environment.last { $0.hasPrefix("PATH=") } ?? ContainerDefinition.standardPath
        return path + (path.hasSuffix("=") ? "" : ":") + place + "/bin:" + step
    }

    /// Writes down what a failed step did, for the shell that is opened before it.
    static func write(_ record: FailedStepRecord, _ paths: EnginePaths) throws(EngineError) -> BindMount {
        let directory = paths.root + "/failed-step"
        try SmallFile.makeDirectory(directory, mode: 0o755)
        let (command, script) = (record.command ?? "", record.script ?? "true")
        // bash reads its history there; BusyBox's shell reads none.
        try SmallFile.replace(directory + "/history", with: "\(command)\n".utf8, mode: 0o644)
        try SmallFile.replace(directory + "/again", with: "#!\(shell)\n\(script)\n".utf8, mode: 0o755)
        return BindMount(source: directory, target: step, isReadOnly: true)
    }

    var bind: BindMount { BindMount(source: directory, target: Self.place, isReadOnly: true) }

    /// The same for a program that joins a container.
    var mount: LaunchDescription.Mount {
        var mount = LaunchDescription.Mount()
        mount.source = directory
        mount.target = Self.place
        mount.placeholder = .directory
        mount.isReadOnly = true
        return mount
    }
}
