// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Descriptor {
    /// The names in this directory, without `.` and `..`, in no order.
    ///
    /// - SeeAlso: readdir(3).
    public func entryNames() throws(SystemError) -> [String] {
        let number = number
        // fdopendir(3) takes its descriptor over and moves its position: it gets one of its own.
        let own = try Descriptor(opening: ".", in: number, O_RDONLY | O_DIRECTORY)
        guard let stream = fdopendir(own.number) else { throw SystemError(step: "fdopendir", number: errno) }
        _ = own.release()
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemError(step: "readdir", number: errno) }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
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
