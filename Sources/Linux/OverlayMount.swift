// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// An overlay that is complete but attached nowhere yet: it goes away with this value unless it is attached.
public struct OverlayMount: ~Copyable {
    private let mount: DetachedMount

    /// Stacks `lower`, topmost first, under `upper`; without `upper` nothing can be written.
    ///
    /// - Parameters:
    ///   - work: a directory on `upper`'s filesystem that nothing else uses.
    ///   - isVolatile: skips every sync. Such an upper cannot be mounted again until `work/work/incompat` is gone.
    ///   - links: a directory in which short links to the layers may be made where the kernel cannot take their paths.
    /// - SeeAlso: the kernel's Documentation/filesystems/overlayfs.rst.
    public init(
        lower: [String], upper: String?, work: String?, isVolatile: Bool = false, links: String
    ) throws(SystemError) {
        let lower = Self.withoutRepeated(lower)
        let paths = lower + [upper, work].compactMap { $0 }
        // fsconfig(2) refuses strings past 255 bytes.
        if paths.allSatisfy({ $0.utf8.count < 256 }), let whole = try Self.byLayer(lower, upper, work, isVolatile) {
            mount = whole
        } else {
            mount = try Self.byLinks(lower, upper, work, isVolatile, links)
        }
    }

    /// The layers with each directory once, where it lies topmost.
    ///
    /// overlayfs answers ELOOP to a directory that it is given twice, and an image may well have a layer twice: that of a
    /// COPY which brought nothing new. Nothing of the lower one can be seen, since all that it adds and hides the upper
    /// one adds and hides as well.
    private static func withoutRepeated(_ lower: [String]) -> [String] {
        var seen: Set<String> = []
        return lower.filter { seen.insert($0).inserted }
    }

    /// `nil` where overlayfs takes no layers one by one: before Linux 6.7.
    private static func byLayer(
        _ lower: [String], _ upper: String?, _ work: String?, _ isVolatile: Bool
    ) throws(SystemError) -> DetachedMount? {
        let context = Descriptor(number: try attempt("fsopen overlay") { clinux_fsopen("overlay") })
        if isTranslated(context) { return nil }
        func set(_ key: String, _ path: String) throws(SystemError) {
            try attempt("overlay \(key)=\(path)") { clinux_fsconfig_set_string(context.number, key, path) }
        }
        try set("source", "overlay")
        // One call a layer: in one string, three layer paths would already be too long.
        for (index, layer) in lower.enumerated() {
            do throws(SystemError) {
                try set("lowerdir+", layer)
            } catch {
                // Linux 6.5 and 6.6 do not know the key.
                guard index == 0, error.number == EINVAL else { throw error }
                return nil
            }
        }
        if let upper { try set("upperdir", upper) }
        if let work { try set("workdir", work) }
        if isVolatile { try attempt("overlay volatile") { clinux_fsconfig_set_flag(context.number, "volatile") } }
        try attempt("create overlay of \(lower.count) layers") { clinux_fsconfig_create(context.number) }
        let tree = Descriptor(number: try attempt("fsmount overlay") { clinux_fsmount(context.number, 0) })
        return DetachedMount(tree: tree, step: "overlay")
    }

    /// Whether the kernel translates fsconfig(2) into mount(2)'s string, as for overlayfs before Linux 6.5.
    ///
    /// The translation takes every key, and the filesystem then refuses to be made, with a line in the kernel's log each
    /// time. It gives itself away at once by taking no descriptor, whatever the key.
    private static func isTranslated(_ context: borrowing Descriptor) -> Bool {
        let number = context.number
        return clinux_fsconfig_set_descriptor(number, "none", number) < 0 && errno == EOPNOTSUPP
    }

    /// mount(2) takes one page of options: layers go by links with short names, seen through the kernel's own name for
    /// their directory, so that the working directory, which a whole process shares, stays as it is.
    private static func byLinks(
        _ lower: [String], _ upper: String?, _ work: String?, _ isVolatile: Bool, _ links: String
    ) throws(SystemError) -> DetachedMount {
        let directory = "\(links)/l"
        if mkdir(directory, 0o700) < 0, errno != EEXIST {
            throw SystemError(step: "make \(directory)", number: errno)
        }
        let handle = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY)
        // Once the overlay is there, or is refused, the links have been followed.
        defer {
            for name in Array(0..<lower.count).map(String.init) + ["u", "w"] { unlinkat(handle.number, name, 0) }
            rmdir(directory)
        }
        let base = "/proc/self/fd/\(handle.number)"
        func link(_ target: String, _ name: String) throws(SystemError) -> String {
            unlinkat(handle.number, name, 0)
            try attempt("link \(directory)/\(name) to \(target)") { symlinkat(target, handle.number, name) }
            return "\(base)/\(name)"
        }
        var layers: [String] = []
        for (index, layer) in lower.enumerated() { layers.append(try link(layer, "\(index)")) }
        var options = "lowerdir=\(layers.joined(separator: ":"))"
        if let upper { options += ",upperdir=\(try link(upper, "u"))" }
        if let work { options += ",workdir=\(try link(work, "w"))" }
        if isVolatile { options += ",volatile" }
        guard options.utf8.count < 4096 else {
            throw SystemError(step: "overlay of \(lower.count) layers", number: E2BIG)
        }
        try attempt("mount overlay of \(lower.count) layers") {
            clinux_mount("overlay", directory, "overlay", 0, options)
        }
        // Detached again, so that the caller attaches it as it would any other.
        defer { _ = clinux_unmount_detached(directory) }
        return try DetachedMount(cloning: directory)
    }

    /// Attaches the overlay at `target` and keeps a handle on its root directory.
    @discardableResult
    public consuming func attach(at target: String) throws(SystemError) -> Descriptor {
        try mount.attachKeepingTree(at: target)
    }
}
