// SPDX-License-Identifier: Apache-2.0

import Engine
import GRDB
import OCI

/// An image that is saved, under the names by which it was asked for.
struct SavedImage: Sendable {
    let record: ImageRecord
    let layers: [LayerRecord]
    var references: [Reference]

    /// Each image once; a repository without a tag means all its tags.
    static func find(_ names: [ImageName], _ database: Database) throws -> [SavedImage] {
        var saved: [SavedImage] = []
        for name in names {
            for found in try images(name, database) {
                let references = found.reference.map { $0.tag == nil ? [] : [$0] } ?? []
                if let index = saved.firstIndex(where: { $0.record.id == found.record.id }) {
                    saved[index].references += references.filter { !saved[index].references.contains($0) }
                } else {
                    let layers = try LayerRecord.of(image: found.record.id.text, database)
                    saved.append(SavedImage(record: found.record, layers: layers, references: references))
                }
            }
        }
        return saved
    }

    private static func images(_ name: ImageName, _ database: Database) throws -> [FoundImage] {
        // What is no reference may be an id: the look-up below says what is wrong with it.
        if let reference = try? Reference(parsing: name.text), reference.tag == nil, reference.digest == nil {
            let tags = try ImageTag.all(database).filter { $0.reference.canonicalName == reference.canonicalName }
            if !tags.isEmpty {
                return try tags.compactMap { tag in
                    try ImageRecord.find(tag.image.text, database).map {
                        FoundImage(record: $0, reference: tag.reference)
                    }
                }
            }
        }
        return [try database.image(name)]
    }
}
