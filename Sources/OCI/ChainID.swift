// SPDX-License-Identifier: Apache-2.0

/// Names a layer together with all that are below it.
///
/// - SeeAlso: OCI image specification, config.md, "Layer ChainID".
public enum ChainID {
    /// The chain ids of layers that are stacked in this order, lowest first; the lowest one's is its diffID.
    ///
    /// - Parameter hash: SHA-256; this target is pure and has no implementation of its own.
    public static func ofLayers(_ diffIDs: [Digest], hash: ([UInt8]) -> Digest) -> [Digest] {
        var chain: [Digest] = []
        for diffID in diffIDs {
            guard let below = chain.last else {
                chain.append(diffID)
                continue
            }
            chain.append(hash(Array("\(below) \(diffID)".utf8)))
        }
        return chain
    }
}
