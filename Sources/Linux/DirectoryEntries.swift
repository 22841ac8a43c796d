// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Descriptor {
    /// The names in this directory, without `.` and `..`, in no order. A name that is not UTF-8 cannot be opened by what
    /// this gives: see `rawEntryNames`.
    ///
    /// - SeeAlso: readdir(3).
    public func entryNames() throws(SystemError) -> [String] {
        try rawEntryNames().map { String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
    }

    /// The names in this directory as the kernel has them, each with its final zero, without `.` and `..`, in no order.
    ///
    /// - SeeAlso: readdir(3).
    public func rawEntryNames() throws(SystemError) -> [[CChar]] {
        let number = number
        // fdopendir(3) takes its descriptor over and moves its position: it gets one of its own.
        let own = try Descriptor(opening: ".", in: number, O_RDONLY | O_DIRECTORY)
        guard let stream = fdopendir(own.number) else { throw SystemError(step: "fdopendir", number: errno) }
        _ = own.release()
        defer { closedir(stream) }
        let dot = CChar(bitPattern: UInt8(ascii: "."))
        var names: [[CChar]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemError(step: "readdir", number: errno) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map(CChar.init(bitPattern:)) + [0]
            }
            if name != [dot, 0], name != [dot, dot, 0] { names.append(name) }
        }
    }
}

extension Descriptor {
    /// Where a link in this directory points.
    ///
    /// - SeeAlso: readlink(2); a target is at most PATH_MAX bytes.
    public func linkTarget(of name: String) throws(SystemError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let number = number
        let length = try attempt("readlink \(name)") { readlinkat(number, name, &buffer, buffer.count - 1) }
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
