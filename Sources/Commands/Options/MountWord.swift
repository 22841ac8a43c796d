// SPDX-License-Identifier: Apache-2.0
import Engine
import Glibc

/// What `-v`, `--mount` and `--tmpfs` say, before relative paths are read in a session.
enum MountWord: Hashable, Sendable {
    /// A directory or file of the host; with `mustExist` it is not made where there is none.
    case bind(BindMount, mustExist: Bool)
    /// An empty file system in memory.
    case temporary(TemporaryFilesystem)

    /// Puts the mount into a request.
    ///
    /// - Throws: `UsageError` when the host's side must exist and does not.
    func add(to request: inout ContainerRequest, in session: Session) throws(UsageError) {
        switch self {
        case .temporary(let temporary):
            request.temporaryFilesystems.append(temporary)
        case .bind(var bind, let mustExist):
            let typed = bind.source
            bind.source = HostPath.withoutDots(session.hostPath(typed))
            if mustExist, access(bind.source, F_OK) != 0 {
                throw .refusedAsByEngine(
                    "invalid mount config for type \"bind\": bind source path does not exist: \(bind.source)")
            }
            request.binds.append(bind)
        }
    }

    /// `--tmpfs TARGET[:OPTIONS]`.
    @Sendable static func temporary(_ text: String) throws(UsageError) -> MountWord {
        let target = text.prefix { $0 != ":" }
        try check(target: String(target))
        return .temporary(
            TemporaryFilesystem(target: String(target), options: String(text.dropFirst(target.count + 1))))
    }

    /// `-v SOURCE:TARGET[:OPTIONS]`.
    @Sendable static func volume(_ text: String) throws(UsageError) -> MountWord {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains("") else {
            throw .refusedAsByEngine("invalid spec: \(text): empty section between colons")
        }
        guard parts.count <= 3 else { throw .refusedAsByEngine("invalid volume specification: '\(text)'") }
        guard parts.count > 1 else {
            do {
                try check(target: text)
            } catch {
                var refusal = error
                refusal.volume = text
                throw refusal
            }
            throw UsageError(
                sentence: .volumesAreNotThereYet(text), hint: .bindInstead(target: text), pointer: .none, volume: text)
        }
        let (source, target) = (parts[0], parts[1])
        try check(target: target)
        guard let first = source.first, first == "/" || first == "." else {
            throw UsageError(
                sentence: .volumesAreNotThereYet(text), hint: .bindInstead(target: target), pointer: .none)
        }
        var bind = BindMount(source: source, target: target)
        for option in parts.count == 3 ? parts[2].split(separator: ",") : [] {
            switch option {
            case "rw": bind.isReadOnly = false
            case "ro": bind.isReadOnly = true
            case "private", "rprivate", "shared", "rshared", "slave", "rslave": bind.propagation = String(option)
            // Docker does nothing for these on Linux without SELinux, which is what dsh runs on.
            case "z", "Z", "consistent", "cached", "delegated": break
            default: throw .refusedAsByEngine("invalid mode: \(parts[2])")
            }
        }
        return .bind(bind, mustExist: false)
    }

    /// `--mount type=bind,source=…,target=…[,readonly]` or `type=tmpfs,target=…`.
    @Sendable static func mount(_ text: String) throws(UsageError) -> MountWord {
        var fields = MountFields()
        for field in text.split(separator: ",") { try fields.read(field, of: text) }
        guard !fields.target.isEmpty else {
            throw .refused("invalid argument \"\(text)\" for \"--mount\" flag: target is required")
        }
        try check(target: fields.target)
        switch fields.type {
        case "bind":
            guard !fields.bind.source.isEmpty else {
                throw .refusedAsByEngine("invalid mount config for type \"bind\": field Source must not be empty")
            }
            fields.bind.target = fields.target
            return .bind(fields.bind, mustExist: true)
        case "tmpfs":
            return .temporary(
                TemporaryFilesystem(target: fields.target, options: fields.options.joined(separator: ",")))
        case "volume":
            throw UsageError(
                sentence: .volumesAreNotThereYet("--mount " + text), hint: .bindInstead(target: fields.target),
                pointer: .none)
        case "image", "npipe", "cluster":
            throw UsageError(
                sentence: .flagIsNotThereYet("--mount type=\(fields.type)", command: "run"), pointer: .none)
        default:
            throw .refusedAsByEngine("invalid mount config for type \"\(fields.type)\": mount type unknown")
        }
    }

    private static func check(target: String) throws(UsageError) {
        guard target.hasPrefix("/") else {
            throw .refusedAsByEngine("invalid mount path: '\(target)' mount path must be absolute")
        }
        guard HostPath.withoutDots(target) != "/" else {
            throw .refusedAsByEngine("invalid specification: destination can't be '/'")
        }
    }
}

/// The fields of one `--mount`.
private struct MountFields {
    /// Docker's default; refused later, since it names a volume.
    var type = "volume"
    var target = ""
    var bind = BindMount(source: "", target: "")
    /// tmpfs(5)'s.
    var options: [String] = []

    mutating func read(_ field: Substring, of text: String) throws(UsageError) {
        let key = field.prefix { $0 != "=" }
        let value = field.dropFirst(key.count + 1)
        let hasValue = key.endIndex != field.endIndex
        switch key.lowercased() {
        case "type": type = value.lowercased()
        case "source", "src": bind.source = String(value)
        case "target", "dst", "destination": target = String(value)
        case "readonly", "ro":
            guard let isOn = hasValue ? truth(value) : true else {
                throw refuse("invalid value for readonly: \(value)", text)
            }
            bind.isReadOnly = isOn
            if isOn { options.append("ro") }
        case "bind-propagation": bind.propagation = String(value)
        case "tmpfs-size": options.append("size=\(value)")
        case "tmpfs-mode": options.append("mode=\(value)")
        case "consistency": break
        case "bind-nonrecursive", "bind-recursive", "bind-create-src", "volume-driver", "volume-label", "volume-nocopy",
            "volume-opt", "volume-subpath", "image-subpath":
            throw UsageError(sentence: .flagIsNotThereYet("--mount \(key)", command: "run"), pointer: .none)
        case _ where !hasValue: throw refuse("invalid field '\(field)' must be a key=value pair", text)
        default: throw refuse("unexpected key '\(key)' in '\(field)'", text)
        }
    }

    private func truth(_ value: Substring) -> Bool? {
        switch value.lowercased() {
        case "1", "t", "true": true
        case "0", "f", "false": false
        default: nil
        }
    }

    private func refuse(_ reason: String, _ text: String) -> UsageError {
        .refused("invalid argument \"\(text)\" for \"--mount\" flag: \(reason)")
    }
}
