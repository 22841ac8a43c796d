// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import TestSupport
import Testing

struct OverlayTests {
    /// Makes this many layers, the last one topmost: each has a file of its own and one that all of them have.
    private static func layers(_ count: Int, in directory: String) throws -> [String] {
        try (1...count).reversed().map { number in
            let layer = "\(directory)/layer-\(number)"
            try attempt("mkdir \(layer)") { mkdir(layer, 0o755) }
            for name in ["every", "only-\(number)"] {
                let file = try Descriptor(opening: "\(layer)/\(name)", O_WRONLY | O_CREAT, mode: 0o644)
                try file.writeAll("\(number)".utf8)
            }
            return layer
        }
    }

    // A path of 256 bytes is what fsconfig(2) refuses: such layers go the way of kernels before 6.7.
    @Test(arguments: [(10, 1), (10, 120), (200, 1), (200, 120)])
    func `layers lie upon each other, however long their paths, and nothing is left but them`(
        padding: Int, count: Int
    ) async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let directory = "\(roots.files)/\(String(repeating: "d", count: padding))"
            let parts = ["\(directory)", "\(directory)/\(String(repeating: "e", count: padding))"]
            for part in parts { try attempt("mkdir \(part)") { mkdir(part, 0o755) } }
            let lower = try Self.layers(count, in: parts[1])
            let (upper, work, target, links) = (
                "\(parts[1])/upper", "\(parts[1])/work", "\(roots.files)/target", "\(roots.files)/links"
            )
            for path in [upper, work, target, links] { try attempt("mkdir \(path)") { mkdir(path, 0o755) } }
            do {
                let overlay = try OverlayMount(lower: lower, upper: upper, work: work, links: links)
                let root = try overlay.attach(at: target)
                let top = try Descriptor(opening: "every", below: root.number, .insideRoot, O_RDONLY).readToEnd()
                #expect(String(decoding: top, as: UTF8.self) == "\(count)")
                #expect(access("\(target)/only-1", F_OK) == 0)
                #expect(mkdir("\(target)/new", 0o755) == 0)
            }
            try MountNamespace.unmount(target)
            #expect(access("\(upper)/new", F_OK) == 0)
            #expect(rmdir(links) == 0, "the links are gone")
        }
    }

    @Test func `a layer that an image has twice counts where it lies topmost`() async throws {
        try await TemporaryEngineRoots.scoped { roots in
            let directory = roots.files
            let layers = try Self.layers(2, in: directory)
            let (target, links) = ("\(directory)/target", "\(directory)/links")
            for path in [target, links] { try attempt("mkdir \(path)") { mkdir(path, 0o755) } }
            do {
                let stack = [layers[1], layers[0], layers[1]]
                let overlay = try OverlayMount(lower: stack, upper: nil, work: nil, links: links)
                let root = try overlay.attach(at: target)
                let top = try Descriptor(opening: "every", below: root.number, .insideRoot, O_RDONLY).readToEnd()
                #expect(String(decoding: top, as: UTF8.self) == "1")
                #expect(access("\(target)/only-2", F_OK) == 0)
            }
            try MountNamespace.unmount(target)
        }
    }
}
