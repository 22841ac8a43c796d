// SPDX-License-Identifier: Apache-2.0

/// How a layer's recipe is written: what, besides the unpacked files, it takes to make the layer's very own archive again.
///
/// A directory does not tell the order of its archive's entries, their headers' dialect, their padding; and an image's
/// digests are of the archive. So while a layer is unpacked, every byte that is no file's contents goes into its recipe,
/// and each file's contents are only pointed to. (Docker keeps the same for the same reason: tar-split.)
///
/// A recipe is a stream of records under zstd, then a second one with the contents that are no longer in the directory,
/// because a later entry of the same archive replaced the file; then, plain, the footer.
///
///     records    = *( structure / contents )       replaced = *( number length BYTES )
///     structure  = %x00 length BYTES               footer   = "dshrecp1" 8BYTE
///     contents   = %x01 length PATH count ( length / count*( offset length ) )
///
/// Numbers are LEB128. `count` is 0 for an ordinary file, whose length follows, and the number of a sparse file's stretches
/// otherwise. `number` counts the `contents` records from 0. The footer's eight bytes, lowest first, are where the second
/// stream begins, 0 for none.
enum RecipeFormat {
    static let structure = UInt8(0)
    static let contents = UInt8(1)
    static let magic = Array("dshrecp1".utf8)
    static let footerSize = 16
    /// Structure is written in pieces of at most this.
    static let pieceSize = 1 << 16

    static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Contents that a recipe points to.
struct RecipeContents: Sendable {
    let path: [UInt8]
    let length: Int64
    /// Stretches of a sparse file; `nil` for an ordinary one.
    let fragments: [TarEntry.Fragment]?

    /// Where the stored bytes are in the file.
    var ranges: [TarEntry.Fragment] { fragments ?? [TarEntry.Fragment(offset: 0, length: length)] }
}
