// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// What holds for everything below a mount: mount_setattr(2).
public struct MountAttributes: OptionSet, Hashable, Sendable {
    /// The bits of mount_setattr(2).
    public let rawValue: UInt64
    /// Takes the bits of mount_setattr(2).
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// Nothing can be written.
    public static let readOnly = MountAttributes(rawValue: clinux_attr_read_only)
    /// Programs' set-user-id bits are ignored.
    public static let noSetuid = MountAttributes(rawValue: clinux_attr_no_suid)
    /// Device nodes cannot be opened.
    public static let noDevices = MountAttributes(rawValue: clinux_attr_no_dev)
    /// No program can be executed.
    public static let noExecution = MountAttributes(rawValue: clinux_attr_no_exec)
    /// Access times stand still.
    public static let noAccessTime = MountAttributes(rawValue: clinux_attr_no_atime)
    /// Access times are exact.
    public static let strictAccessTime = MountAttributes(rawValue: clinux_attr_strict_atime)
    /// Access times of directories stand still.
    public static let noDirectoryAccessTime = MountAttributes(rawValue: clinux_attr_no_dir_atime)
}

/// How mounts made later travel between a mount and its copies: mount_namespaces(7).
public enum MountPropagation: Sendable {
    /// Not at all.
    case `private`
    /// From the original to the copy.
    case slave
    /// Both ways.
    case shared

    var flag: UInt64 {
        switch self {
        case .private: clinux_mount_private
        case .slave: clinux_mount_slave
        case .shared: clinux_mount_shared
        }
    }
}

/// A mount that is attached nowhere yet: it goes away with this value unless it is attached.
public struct DetachedMount: ~Copyable, Sendable {
    /// One option of a filesystem; a flag has no value.
    public struct Option: Sendable {
        let name: String
        let value: String?

        /// An option with a value.
        public static func value(_ name: String, _ value: String) -> Option { Option(name: name, value: value) }
        /// An option without one.
        public static func flag(_ name: String) -> Option { Option(name: name, value: nil) }
    }

    /// The kernel's handle on it; paths relative to it lie in the mount.
    public let tree: Descriptor
    private let step: String

    init(tree: consuming Descriptor, step: String) {
        self.tree = tree
        self.step = step
    }

    /// Takes over the handle that `release` gave.
    public init(adopting tree: CInt, named name: String) {
        self.init(tree: Descriptor(number: tree), step: name)
    }

    /// Hands the handle to the caller: the mount goes away when it is closed.
    public consuming func release() -> CInt { tree.release() }

    /// A new instance of a filesystem, as `tmpfs` or `proc`.
    public init(of type: String, _ options: [Option] = [], _ attributes: MountAttributes = []) throws(SystemError) {
        let context = Descriptor(number: try attempt("fsopen \(type)") { clinux_fsopen(type) })
        let number = context.number
        // What people see as the mount's source.
        try attempt("\(type) source") { clinux_fsconfig_set_string(number, "source", type) }
        for option in options {
            if let value = option.value {
                try attempt("\(type) \(option.name)=\(value)") {
                    clinux_fsconfig_set_string(number, option.name, value)
                }
            } else {
                try attempt("\(type) \(option.name)") { clinux_fsconfig_set_flag(number, option.name) }
            }
        }
        try attempt("create \(type)") { clinux_fsconfig_create(number) }
        tree = Descriptor(number: try attempt("fsmount \(type)") { clinux_fsmount(number, attributes.rawValue) })
        step = type
    }

    /// A copy of what is mounted at `path`, below `directory` where there is one; with `recursive`, what is mounted
    /// below it too. An empty path means `directory` itself.
    ///
    /// - Throws: EINVAL for a mount that is attached nowhere, before Linux 6.15.
    public init(cloning path: String, in directory: CInt? = nil, recursive: Bool = false) throws(SystemError) {
        tree = Descriptor(
            number: try attempt("open_tree \(path)") {
                clinux_open_tree(directory ?? AT_FDCWD, path, recursive ? 1 : 0)
            })
        step = path
    }

    /// Changes attributes and propagation; with `recursive`, of what is mounted below it too.
    public func change(
        adding added: MountAttributes, removing removed: MountAttributes = [], propagation: MountPropagation? = nil,
        recursive: Bool = false
    ) throws(SystemError) {
        // mount_setattr(2): a time attribute can be set only when the whole group is cleared with it.
        let times = MountAttributes([.noAccessTime, .strictAccessTime])
        let cleared = removed.rawValue | (added.isDisjoint(with: times) ? 0 : clinux_attr_atime_mask)
        try attempt("change mount \(step)") {
            clinux_mount_setattr(
                tree.number, recursive ? 1 : 0, added.rawValue, cleared, propagation.map { $0.flag } ?? 0)
        }
    }

    /// Whether the file behind a descriptor is one of proc(5)'s.
    public static func isProc(_ descriptor: CInt) throws(SystemError) -> Bool {
        try attempt("look at a filesystem") { clinux_is_on_proc(descriptor) } == 1
    }

    /// Attaches the mount over the file or directory behind a descriptor; it then lives in the mount namespace.
    public consuming func attach(over target: CInt, named name: String) throws(SystemError) {
        try attempt("mount \(step) on \(name)") { clinux_move_mount(tree.number, target, "") }
    }

    /// Attaches the mount at a path, links in which are followed except in its last part.
    public consuming func attach(at path: String) throws(SystemError) {
        try attempt("mount \(step) on \(path)") { clinux_move_mount(tree.number, AT_FDCWD, path) }
    }

    /// Attaches the mount as `attach` does, and keeps the handle on it.
    public consuming func attachKeepingTree(at path: String) throws(SystemError) -> Descriptor {
        try attempt("mount \(step) on \(path)") { clinux_move_mount(tree.number, AT_FDCWD, path) }
        return tree
    }
}

/// What is done to this process's whole mount namespace.
public enum MountNamespace {
    /// Lets mounts made here stay here; with `slave`, those of the parent namespace still arrive.
    public static func setPropagation(_ propagation: MountPropagation) throws(SystemError) {
        try attempt("change propagation of /") {
            clinux_mount("none", "/", nil, propagation.flag | clinux_mount_recursive, nil)
        }
    }

    /// Makes the directory behind a descriptor, the root of a mount, this namespace's `/`, and lets go of the old one.
    ///
    /// pivot_root(2): with `.` for both, the old root lies over the new one until it is unmounted.
    public static func pivot(to root: CInt) throws(SystemError) {
        try attempt("enter the new root") { fchdir(root) }
        try attempt("pivot_root") { clinux_pivot_root(".", ".") }
        try attempt("unmount the old root") { clinux_unmount_detached(".") }
        try attempt("enter /") { chdir("/") }
    }

    /// Adds attributes to the attached mount behind a descriptor, and to nothing below it.
    public static func change(
        _ mount: CInt, adding added: MountAttributes, named name: String
    ) throws(SystemError) {
        try attempt("change mount \(name)") { clinux_mount_setattr(mount, 0, added.rawValue, 0, 0) }
    }

    /// Unmounts what is on top at `path`, at once for new lookups, later where it is still in use.
    public static func unmount(_ path: String) throws(SystemError) {
        try attempt("unmount \(path)") { clinux_unmount_detached(path) }
    }
}
