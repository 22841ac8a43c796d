// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

extension Descriptor {
    /// Where a path may lead: openat2(2).
    public enum Scope: Sendable {
        /// Absolute paths, absolute links and `..` stay inside the directory, as after chroot(2).
        case insideRoot
        /// Whatever leads out of the directory is refused with EXDEV.
        case beneath
        /// As `beneath`, and every link on the way is refused with ELOOP.
        case beneathWithoutLinks
    }

    /// Opens a path below `root`, wherever links inside lead; a race with whoever changes the tree cannot lead outside.
    ///
    /// - Throws: `SystemError` with the kernel's reason; EXDEV and ELOOP as `scope` says.
    /// - SeeAlso: openat2(2).
    public init(
        opening path: String, below root: CInt, _ scope: Scope, _ flags: CInt, mode: UInt32 = 0
    ) throws(SystemError) {
        self.init(number: try Self.open(path, below: root, scope, flags, mode: mode))
    }

    /// The same for a path of any bytes: not every name on disk is UTF-8.
    public init(
        opening path: UnsafePointer<CChar>, below root: CInt, _ scope: Scope, _ flags: CInt, mode: UInt32 = 0
    ) throws(SystemError) {
        self.init(number: try Self.open(path, below: root, scope, flags, mode: mode))
    }

    private static func open(
        _ path: UnsafePointer<CChar>, below root: CInt, _ scope: Scope, _ flags: CInt, mode: UInt32
    ) throws(SystemError) -> CInt {
        let resolve =
            switch scope {
            case .insideRoot: clinux_resolve_in_root | clinux_resolve_no_magiclinks
            case .beneath: clinux_resolve_beneath | clinux_resolve_no_magiclinks
            case .beneathWithoutLinks: clinux_resolve_beneath | clinux_resolve_no_symlinks
            }
        return try attempt("open \(String(cString: path))") {
            // openat2(2): EAGAIN means that something was renamed meanwhile and that the answer could not be trusted.
            var result = CInt(-1)
            repeat {
                result = clinux_openat2(
                    root, path, UInt64(UInt32(bitPattern: flags | O_CLOEXEC)), UInt64(mode), resolve)
            } while result < 0 && errno == EAGAIN
            return result
        }
    }

    /// open(2)'s `O_PATH`: a descriptor that only names a file.
    public static var pathOnly: CInt { clinux_o_path }

    /// Gives this file one more name, whatever its present ones are.
    ///
    /// - SeeAlso: linkat(2), `AT_EMPTY_PATH`: it needs CAP_DAC_READ_SEARCH.
    public func link(as name: String, in directory: CInt) throws(SystemError) {
        try attempt("link \(name)") { linkat(number, "", directory, name, clinux_at_empty_path) }
    }

    /// Copies what is left of this file to the end of another, in the kernel: with shared extents where the file system can.
    ///
    /// - Returns: the number of bytes.
    /// - SeeAlso: copy_file_range(2).
    public func copyRest(to target: borrowing Descriptor) throws(SystemError) -> Int64 {
        var total: Int64 = 0
        let number = number
        let targetNumber = target.number
        while true {
            let count = clinux_copy_file_range(number, targetNumber, 1 << 30)
            if count > 0 {
                total += Int64(count)
            } else if count == 0 {
                // Files of /proc say that they are empty: only read(2) knows.
                return try total + copyRestByReading(to: target)
            } else if errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS {
                return try total + copyRestByReading(to: target)
            } else if errno != EINTR {
                throw SystemError(step: "copy_file_range", number: errno)
            }
        }
    }

    private func copyRestByReading(to target: borrowing Descriptor) throws(SystemError) -> Int64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 4096)
        defer { buffer.deallocate() }
        var total: Int64 = 0
        while true {
            let count = try read(into: buffer)
            if count == 0 { return total }
            try target.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += Int64(count)
        }
    }
}
