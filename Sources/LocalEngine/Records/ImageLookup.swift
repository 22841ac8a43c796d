// SPDX-License-Identifier: Apache-2.0

import Engine
import GRDB
import OCI

/// What a name was found to mean.
struct FoundImage: Sendable {
    let record: ImageRecord
    /// The reference that it was found by; `nil` when it was an id or the beginning of one.
    let reference: Reference?
}

extension Database {
    /// The image that a person means, in Docker's order: a whole id, a name, the beginning of an id.
    ///
    /// - Throws: `.notFound`; `.invalid` for what is neither a reference nor the beginning of one id.
    func image(_ name: ImageName) throws -> FoundImage {
        let text = name.text
        let digits = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
        let isHexadecimal =
            !digits.isEmpty && digits.utf8.count <= 64
            && digits.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) }
        if isHexadecimal, digits.utf8.count == 64 {
            guard let image = try ImageRecord.find("sha256:" + digits, self) else {
                throw EngineError.noSuchImage(name)
            }
            return FoundImage(record: image, reference: nil)
        }
        var reference: Reference?
        do {
            let whole = try Reference(parsing: text).withDefaultTag
            reference = whole
            if let image = try image(whole) { return FoundImage(record: image, reference: whole) }
        } catch let error as ReferenceError where !isHexadecimal {
            throw EngineError(.invalid, .image(text), "\(error)", cause: error)
        }
        let found = isHexadecimal ? try ImageRecord.beginning(digits, self) : []
        guard found.count < 2 else {
            throw EngineError(.invalid, .image(text), "multiple IDs found with provided prefix: \(text)")
        }
        guard let only = found.first else {
            throw EngineError.noSuchImage(ImageName(reference?.familiar ?? text))
        }
        return FoundImage(record: only, reference: nil)
    }

    /// The image of a reference with tag or digest; the digest decides where there are both.
    private func image(_ reference: Reference) throws -> ImageRecord? {
        if let digest = reference.digest {
            return try ImageRecord.of(manifest: digest, repository: reference.canonicalName, self)
        }
        return try ImageRecord.named(reference.canonical, self)
    }
}

extension EngineError {
    /// No image has this name any more; its tag is shown where it was left out, as Docker does.
    static func noSuchImage(named name: ImageName) -> Self {
        // What is no reference is an id, and shown as it is.
        let reference = try? Reference(parsing: name.text).withDefaultTag
        return noSuchImage(ImageName(reference?.familiar ?? name.text))
    }
}
