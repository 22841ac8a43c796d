// SPDX-License-Identifier: Apache-2.0

import Archive
import Engine
import Glibc
import Linux

extension LocalImages {
    private static let marker = "starters"

    func restoreStarters() async throws -> [String] {
        try await ImageWork.run { try loadStarters($0).flatMap(\.names) }
    }

    /// Puts the images that dsh carries in itself into a new store. Once: whoever removes them does not want them back.
    func addStartersOnce() throws {
        guard try core.database.setting(Self.marker) == nil else { return }
        do {
            _ = try loadStarters(ImageWork(interrupt: Interrupt(), observer: nil))
        } catch {
            throw ImageWork.engineError(error)
        }
        try core.database.set(Self.marker, to: "1")
    }

    private func loadStarters(_ work: ImageWork) throws -> [LoadedImage] {
        let file = try Descriptor(unnamedIn: core.paths.root)
        try file.writeAll(Base64.bytes(starterArchive))
        try attempt("rewind the starters' archive") { lseek(file.number, 0, SEEK_SET) }
        return try loadNow(from: file.number, work)
    }
}

/// Base64 (RFC 4648, section 4) as the build wrote it: without line breaks.
enum Base64 {
    static func bytes(_ text: StaticString) -> [UInt8] {
        var values = [UInt8](repeating: 64, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) }
        return text.withUTF8Buffer { characters in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(characters.count / 4 * 3)
            var bits: UInt32 = 0
            var count = 0
            for character in characters {
                let value = values[Int(character)]
                // The padding at the end.
                if value == 64 { break }
                bits = bits << 6 | UInt32(value)
                count += 6
                if count >= 8 {
                    count -= 8
                    bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                }
            }
            return bytes
        }
    }
}
