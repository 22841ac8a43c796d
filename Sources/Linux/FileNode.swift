// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// Making what is not an ordinary file.
public enum FileNode {
    /// Whether a device is read in blocks.
    public enum Device: Sendable { case character, block }

    /// Makes a device node; umask(2) applies. One that is there already stays as it is.
    public static func makeDevice(
        _ path: String, _ device: Device, major: UInt32, minor: UInt32, mode: UInt32
    ) throws(SystemError) {
        let type = device == .character ? S_IFCHR : S_IFBLK
        if clinux_make_device(AT_FDCWD, path, type | mode, major, minor) < 0, errno != EEXIST {
            throw SystemError(step: "make device \(path)", number: errno)
        }
    }

    /// Makes a directory and the parents that it lacks; links on the way are followed.
    public static func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(SystemError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw SystemError(step: "make directory \(path)", number: errno)
        }
        try makeDirectories(String(path[..<slash]), mode: mode)
        if mkdir(path, mode) < 0, errno != EEXIST {
            throw SystemError(step: "make directory \(path)", number: errno)
        }
    }
}

/// What this process has open.
public enum OpenDescriptors {
    /// Lets execve(2) close everything from `first` upwards.
    public static func closeOnExecution(from first: CInt) throws(SystemError) {
        try attempt("close descriptors") { clinux_mark_close_on_exec_from(first) }
    }

    /// Closes everything from `first` upwards.
    public static func close(from first: CInt) throws(SystemError) {
        try attempt("close descriptors") { clinux_close_from(first) }
    }

    /// Closes everything past the standard streams but these.
    public static func close(allBut kept: [CInt]) throws(SystemError) {
        var first: CInt = 3
        for number in kept.sorted() where number >= first {
            if number > first { try attempt("close descriptors") { clinux_close_between(first, number - 1) } }
            first = number + 1
        }
        try close(from: first)
    }

    /// Makes `target` another number for `source`, which execve(2) leaves open.
    public static func place(_ source: CInt, at target: CInt) throws(SystemError) {
        try attempt("duplicate a descriptor") { dup2(source, target) }
        try attempt("keep a descriptor") { clinux_set_inheritable(target) }
    }
}
