// SPDX-License-Identifier: Apache-2.0

public import Glibc

/// A device's major and minor number in one: macros that Swift does not see.
///
/// - SeeAlso: makedev(3).
public enum DeviceNumber {
    /// The two numbers, of 12 and 20 bits.
    public static func parts(_ device: dev_t) -> (major: UInt32, minor: UInt32) {
        let number = UInt64(device)
        return (
            UInt32((number >> 8) & 0xfff) | UInt32((number >> 32) & ~0xfff),
            UInt32(number & 0xff) | UInt32((number >> 12) & 0xffff_ff00)
        )
    }

    /// Both in one.
    public static func whole(_ major: UInt32, _ minor: UInt32) -> dev_t {
        let (major, minor) = (UInt64(major), UInt64(minor))
        return dev_t((major & 0xfff) << 8 | (major & ~0xfff) << 32 | minor & 0xff | (minor & ~0xff) << 12)
    }
}
