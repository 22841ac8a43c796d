// SPDX-License-Identifier: Apache-2.0

/// Why a step of a build was taken from the cache, or is done anew. `description` says it in English.
public enum CacheReason: Hashable, Sendable {
    /// From the cache: nothing that it depends on has changed. `files` is how many files it copies, `nil` where it copies none.
    case unchanged(files: Int?)
    /// The build was asked not to use the cache, for this stage at least.
    case notUsed
    /// No former build of this Dockerfile came to this step.
    case first
    /// A former build had no such instruction here.
    case added
    /// The instruction was another one.
    case edited(former: String)
    /// An instruction that stood before it is gone.
    case removed(former: String)
    /// The base is another image than it was, though its name may be the same.
    case base(String)
    /// Files that it copies or mounts are others than they were.
    case files([FileChange])
    /// An environment variable or a build argument that its command sees is another; `nil` where there is none.
    case variable(String, former: String?, now: String?)
    /// Something else that it depends on is another: `USER`, `SHELL`, `WORKDIR`, `--network`, `--add-host`, `here-document`.
    case setting(String, former: String, now: String)
    /// A step above it was done anew, so what it is built on is another.
    case below(step: Int)
    /// A former build had done it, and its layer is gone from the cache.
    case forgotten

    /// What became of one file.
    public struct FileChange: Hashable, Sendable {
        /// What of it is another.
        public enum Kind: Hashable, Sendable {
            case isNew, isGone, contents, target
            /// A file became a directory or a link, or the other way round.
            case kind
            /// Bytes before and now.
            case size(Int64, Int64)
            /// Permission bits before and now.
            case mode(UInt32, UInt32)
            /// `USER:GROUP` in numbers, before and now.
            case owner(String, String)
        }

        /// Where it is in the context, stage or image.
        public var path: String
        /// What of it is another.
        public var kind: Kind

        /// Puts a change together.
        public init(_ path: String, _ kind: Kind) {
            self.path = path
            self.kind = kind
        }
    }

    /// Whether a former build had done the step, and this one does it again for a reason of the step's own: there the cache ends.
    public var endsCache: Bool {
        switch self {
        case .unchanged, .notUsed, .first, .below: false
        case .added, .edited, .removed, .base, .files, .variable, .setting, .forgotten: true
        }
    }
}

extension CacheReason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unchanged(let files?): files == 1 ? "1 file is as it was" : "\(files) files are as they were"
        case .unchanged: "nothing it depends on has changed"
        case .notUsed: "the cache is not used"
        case .first: "no former build of this Dockerfile has done it"
        case .added: "the instruction is new"
        case .edited(let former): "the instruction was: \(former)"
        case .removed(let former): "an instruction before it is gone: \(former)"
        case .base(let name): "\(name) is another image than it was"
        case .files(let changes):
            (changes.first.map { "\($0)" } ?? "") + (changes.count > 1 ? ", and \(changes.count - 1) more" : "")
        case .variable(let name, nil, _): "\(name) was not set"
        case .variable(let name, _, nil): "\(name) is not set any more"
        case .variable(let name, let former?, let now?): "\(name) changed: \(former) → \(now)"
        case .setting(let name, let former, let now):
            former.contains("\n") || now.contains("\n")
                ? "\(name) changed"
                : "\(name) changed: \(former.isEmpty ? "none" : former) → \(now.isEmpty ? "none" : now)"
        case .below(let step): "step \(step) was done anew, and this one stands on it"
        case .forgotten: "its layer is no longer in the cache"
        }
    }
}

extension CacheReason.FileChange: CustomStringConvertible {
    public var description: String {
        switch kind {
        case .isNew: "\(path) is new"
        case .isGone: "\(path) is gone"
        case .contents: "\(path) changed: contents"
        case .target: "\(path) changed: another target"
        case .kind: "\(path) changed: another kind of file"
        case .size(let former, let now): "\(path) changed: size \(former) → \(now)"
        case .mode(let former, let now):
            "\(path) changed: mode \(String(former, radix: 8)) → \(String(now, radix: 8))"
        case .owner(let former, let now): "\(path) changed: owner \(former) → \(now)"
        }
    }
}
