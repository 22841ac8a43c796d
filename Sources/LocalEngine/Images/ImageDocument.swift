// SPDX-License-Identifier: Apache-2.0

import Engine
import FoundationEssentials
import OCI

/// Reads and writes the JSON documents that images are made of.
enum ImageDocument {
    /// Reads a document that came from outside.
    ///
    /// - Parameter what: how a person would name it: `index.json`.
    static func read<Document: Decodable>(
        _ type: Document.Type, from bytes: [UInt8], _ what: String
    ) throws(EngineError) -> Document {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw EngineError(.invalid, .engine, "invalid archive: \(what): \(Self.reason(error))", cause: error)
        }
    }

    /// Writes a document: the same value always becomes the same bytes.
    static func bytes(_ document: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(document))
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, _): return "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            return place.isEmpty ? context.debugDescription : "\(place): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }
}

extension ImageConfiguration {
    /// The configuration of an image of the store.
    init(reading record: ImageRecord) throws(EngineError) {
        self = try ImageDocument.read(
            ImageConfiguration.self, from: record.configuration, "the configuration of \(record.id.short)")
    }
}
