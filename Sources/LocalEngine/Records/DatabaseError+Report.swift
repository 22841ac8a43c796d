// SPDX-License-Identifier: Apache-2.0

import Engine
import GRDB
import Glibc
import Linux

extension DatabaseError {
    /// The failure in the words of the kernel, which people know: SQLite's name neither the disk nor what is to be done.
    func reported(of path: String) -> EngineError {
        let number: CInt? =
            switch resultCode {
            case .SQLITE_FULL: ENOSPC
            case .SQLITE_NOMEM: ENOMEM
            case .SQLITE_READONLY: EROFS
            case .SQLITE_IOERR, .SQLITE_CANTOPEN: Self.obstacle(to: path)
            default: nil
            }
        let reason = number.map { SystemError(step: "", number: $0).reason } ?? message ?? "\(resultCode)"
        return EngineError(.system, .engine, "cannot use the records in \(path): \(reason)", cause: self)
    }

    /// SQLite says that something could not be opened or written, and not why: what stands in the way now, most likely did
    /// then.
    private static func obstacle(to path: String) -> CInt {
        // The file, its log and the memory that processes share.
        var opened: [CInt] = []
        defer { for number in opened { close(number) } }
        for _ in 0..<3 {
            let number = open(path, O_RDWR | O_CLOEXEC)
            guard number >= 0 else { return errno }
            opened.append(number)
        }
        var status = statvfs()
        // The log and that memory grow by so much at once.
        if statvfs(path, &status) == 0, UInt64(status.f_bavail) * UInt64(status.f_frsize) < 64 << 10 { return ENOSPC }
        return EIO
    }
}
