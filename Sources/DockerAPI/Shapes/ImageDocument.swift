// SPDX-License-Identifier: Apache-2.0
public import Engine

extension ImageDetails {
    /// The image as `image inspect` shows it: Docker's names in Docker's order.
    ///
    /// - SeeAlso: Docker Engine API, `GET /images/{name}/json`.
    public var document: JSONObject {
        var object = JSONObject(.fields)
        object.set("Id", field: "ID", .string(id.text))
        object["RepoTags"] = .strings(names)
        object["RepoDigests"] = .strings(digests)
        object["Parent"] = ""
        object["Comment"] = .string(comment)
        object["Created"] = .string(created?.rfc3339 ?? Timestamp.never)
        object["DockerVersion"] = ""
        object["Author"] = .string(author)
        object["Config"] = .object(settings.inspection)
        object["Architecture"] = .string(architecture)
        if !variant.isEmpty { object["Variant"] = .string(variant) }
        object["Os"] = .string(operatingSystem)
        object["Size"] = .integer(size.bytes)
        object["GraphDriver"] = .object(.graphDriver(lower: layerDirectories, upper: nil))
        var layers = JSONObject(.fields)
        layers["Type"] = "layers"
        layers["Layers"] = .strings(diffIDs)
        object["RootFS"] = .object(layers)
        var metadata = JSONObject(.fields)
        metadata["LastTagTime"] = .string(lastTagged?.rfc3339 ?? Timestamp.never)
        object["Metadata"] = .object(metadata)
        return object
    }
}

extension ImageSettings {
    fileprivate var inspection: JSONObject {
        var object = JSONObject(.fields)
        object["User"] = .string(user)
        if !exposedPorts.isEmpty { object["ExposedPorts"] = .emptyStructs(exposedPorts) }
        object["Env"] = .strings(environment.isEmpty ? nil : environment)
        object["Cmd"] = .strings(command)
        object["Volumes"] = volumes.isEmpty ? .null(.map) : .emptyStructs(volumes)
        object["WorkingDir"] = .string(workingDirectory)
        object["Entrypoint"] = .strings(entrypoint)
        object["Labels"] = labels.isEmpty ? .null(.map) : .object(JSONObject(texts: labels))
        if let stopSignal { object["StopSignal"] = .string(stopSignal) }
        if let shell { object["Shell"] = .strings(shell) }
        return object
    }
}
