// SPDX-License-Identifier: Apache-2.0

/// What every engine can tell about the layers that an image is a stack of.
///
/// Layers are numbered from 1, the lowest.
public protocol LayerOperations: Sendable {
    /// The layers of an image, lowest first.
    func layers(of name: ImageName) async throws -> [ImageLayer]

    /// What a layer does to the files below it, in the order of their paths.
    ///
    /// A directory that is only on the way to what changed is left out; of one that is removed, what was in it is too.
    /// - Throws: `.notFound` for a layer that the image does not have.
    func changes(inLayer number: Int, of name: ImageName) async throws -> [LayerChange]

    /// Which layers have a say about a path, as containers see it: links on the way are followed inside the image.
    ///
    /// - Throws: `.notFound` when none has.
    func origin(of path: String, in name: ImageName) async throws -> PathOrigin

    /// What stands in a directory of an image, in no order, as its containers see it.
    ///
    /// - Throws: `.notFound` where there is no such directory.
    func entries(in directory: String, of name: ImageName) async throws -> [DirectoryEntry]
}

/// One layer of an image.
public struct ImageLayer: Hashable, Sendable {
    /// From 1, the lowest.
    public var number: Int
    /// The digest of its uncompressed archive.
    public var diffID: String
    /// The instruction that made it, as the image's history has it; empty where that is not known.
    public var instruction: String
    /// When it was made.
    public var created: Timestamp?
    /// Bytes of its files.
    public var size: ByteCount
    /// The other images that have it, stored once for all of them: their names, or the short ids of those without.
    public var sharers: [String]

    /// Puts a layer together.
    public init(
        number: Int, diffID: String, instruction: String, created: Timestamp?, size: ByteCount, sharers: [String]
    ) {
        self.number = number
        self.diffID = diffID
        self.instruction = instruction
        self.created = created
        self.size = size
        self.sharers = sharers
    }
}

/// A file of a layer.
public struct LayerFile: Hashable, Sendable {
    /// What it is.
    public enum Kind: String, Hashable, Sendable {
        case file
        case directory
        case link
        /// A device, a FIFO or a socket.
        case special
    }

    /// What it is.
    public var kind: Kind
    /// Bytes of a file; of a directory that is removed, those of all files in it; otherwise 0.
    public var size: ByteCount
    /// Permission bits.
    public var mode: UInt32
    /// Who owns it.
    public var owner: UInt32
    /// Its group.
    public var group: UInt32
    /// Where a link leads.
    public var target: String?

    /// Puts it together.
    public init(kind: Kind, size: ByteCount, mode: UInt32, owner: UInt32, group: UInt32, target: String? = nil) {
        self.kind = kind
        self.size = size
        self.mode = mode
        self.owner = owner
        self.group = group
        self.target = target
    }
}

/// What a layer does to one path.
public struct LayerChange: Hashable, Sendable {
    /// The path, from the image's root.
    public var path: String
    /// What the layers below show there; `nil` for a path that this layer adds.
    public var former: LayerFile?
    /// What it is now; `nil` for a path that this layer removes.
    public var present: LayerFile?

    /// Puts it together.
    public init(path: String, former: LayerFile?, present: LayerFile?) {
        self.path = path
        self.former = former
        self.present = present
    }
}

/// Where a path of an image comes from.
public struct PathOrigin: Hashable, Sendable {
    /// What one layer says about it.
    public struct Word: Hashable, Sendable {
        /// The layer.
        public var layer: Int
        /// What it has there; `nil` where it removes what is below.
        public var file: LayerFile?

        /// Puts it together.
        public init(layer: Int, file: LayerFile?) {
            self.layer = layer
            self.file = file
        }
    }

    /// The path that was meant in the end, without links on the way.
    public var path: String
    /// The layers that have a say, topmost first: the first one decides. Of a directory containers see the union, down to
    /// the first that is none.
    public var words: [Word]

    /// Puts it together.
    public init(path: String, words: [Word]) {
        self.path = path
        self.words = words
    }
}
