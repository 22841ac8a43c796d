// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

extension Descriptor {
    /// Sets an extended attribute, whether it is there or not.
    ///
    /// - SeeAlso: setxattr(2), xattr(7).
    public func setAttribute(_ name: String, to value: [UInt8]) throws(SystemError) {
        try Self.setAttribute(name, to: value, of: number)
    }

    /// Sets an attribute of whatever is open as `descriptor`, which stays the caller's; names are bytes.
    public static func setAttribute(
        _ name: UnsafePointer<CChar>, to value: [UInt8], of descriptor: CInt
    ) throws(SystemError) {
        try attempt("set \(String(cString: name))") { clinux_set_attribute(descriptor, name, value, value.count) }
    }

    /// Sets an attribute of the file that `path` names, of a link itself where it is one.
    public static func setAttribute(
        _ name: UnsafePointer<CChar>, to value: [UInt8], ofLink path: UnsafePointer<CChar>
    ) throws(SystemError) {
        try attempt("set \(String(cString: name))") { clinux_set_attribute_of_link(path, name, value, value.count) }
    }

    /// Takes an attribute away; one that is not there is no failure.
    public func removeAttribute(_ name: String) throws(SystemError) {
        if clinux_remove_attribute(number, name) != 0, errno != ENODATA {
            throw SystemError(step: "remove \(name)", number: errno)
        }
    }

    /// The names of all attributes that may be seen.
    public func attributeNames() throws(SystemError) -> [String] {
        // listxattr(2): at most 64 KiB.
        var bytes = [CChar](repeating: 0, count: 1 << 16)
        let count = try attempt("list attributes") { clinux_list_attributes(number, &bytes, bytes.count) }
        return bytes[..<count].split(separator: 0).map {
            String(decoding: $0.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// An attribute's value; `nil` when it is not there.
    public func attribute(_ name: String) throws(SystemError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = clinux_get_attribute(number, name, &bytes, bytes.count)
        if count >= 0 { return Array(bytes[..<count]) }
        if errno == ENODATA { return nil }
        throw SystemError(step: "read \(name)", number: errno)
    }
}
