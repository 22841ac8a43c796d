// SPDX-License-Identifier: Apache-2.0

import Content
import OCI

/// Everything that a step's layer depends on, as one digest. Times are never part of it.
struct StepKey {
    private var hasher = DigestHasher()

    /// - Parameter below: the chain id of the layers that the step begins with; `nil` for none.
    init(_ kind: String, below: OCI.Digest?) {
        add(kind)
        add(below?.description ?? "")
    }

    /// Each part has its length before it, so that no two lists of parts are the same bytes.
    mutating func add(_ bytes: [UInt8]) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update($0) }
        bytes.withUnsafeBytes { hasher.update($0) }
    }

    mutating func add(_ text: String) { add(Array(text.utf8)) }

    mutating func add(_ list: [String]) {
        add("\(list.count)")
        for text in list { add(text) }
    }

    /// What is copied: names, kinds, modes, contents and link targets.
    mutating func add(_ files: CopiedFiles, countsOwners: Bool, countsModes: Bool) {
        add("\(files.sources.count)")
        for source in files.sources {
            add(source.name)
            add("\(source.files.count)")
            for file in source.files {
                add(file.path)
                add("\(countsModes ? file.mode : file.kind)")
                add(file.content)
                if countsOwners { add("\(file.owner):\(file.group)") }
            }
        }
    }

    /// Where a build's memory is kept: 64 digits that stand for any texts, since those may hold any bytes.
    static func place(_ kind: String, _ parts: String...) -> String { place(kind, parts) }

    /// The same for a list.
    static func place(_ kind: String, _ parts: [String]) -> String {
        var key = StepKey(kind, below: nil)
        key.add(parts)
        return key.digits
    }

    /// 64 digits.
    var digits: String { hasher.digest.hex }
}
