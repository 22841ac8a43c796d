// SPDX-License-Identifier: Apache-2.0
public import Engine

extension EngineSummary {
    /// The engine as `info --format` sees it, under Docker's names.
    ///
    /// - SeeAlso: Docker Engine API, `GET /info`.
    public var document: JSONObject {
        var object = JSONObject(.fields)
        object["Containers"] = .integer(Int64(running + paused + stopped))
        object["ContainersRunning"] = .integer(Int64(running))
        object["ContainersPaused"] = .integer(Int64(paused))
        object["ContainersStopped"] = .integer(Int64(stopped))
        object["Images"] = .integer(Int64(images))
        object["Driver"] = "overlay2"
        object["DriverStatus"] = .array([.strings(["Backing", storage])])
        object["CgroupVersion"] = .string(cgroupVersion)
        object["CgroupControllers"] = .strings(controllers)
        object["KernelVersion"] = .string(kernel)
        object["OperatingSystem"] = .string(operatingSystem)
        object["OSType"] = "linux"
        object["Architecture"] = .string(architecture)
        object["NCPU"] = .integer(Int64(processors))
        object["MemTotal"] = .integer(memory.bytes)
        object["DockerRootDir"] = .string(root)
        object["RunRoot"] = .string(runRoot)
        object["Name"] = .string(name)
        object["ServerVersion"] = .string(version.version)
        object["SecurityOptions"] = .strings(security.map { "name=\($0)" })
        object["Warnings"] = .strings(warnings.isEmpty ? nil : warnings)
        return object
    }
}

extension EngineVersion {
    /// The versions as `version --format` sees them: `{{.Server.Version}}`, `{{.Client.Version}}`. Client and server are one
    /// program.
    ///
    /// - SeeAlso: docker/cli, `docker version`; Docker Engine API, `GET /version`.
    public var document: JSONObject {
        let parts = platform.split(separator: "/", maxSplits: 1).map(String.init)
        var client = JSONObject(.fields)
        client["Version"] = .string(version)
        client["DockerVersion"] = .string(dockerCompatibility)
        client["Compiler"] = .string(compiler)
        client["Os"] = .string(parts.first ?? "")
        client["Arch"] = .string(parts.count > 1 ? parts[1] : "")
        var server = client
        server["KernelVersion"] = .string(kernel)
        var object = JSONObject(.fields)
        object["Client"] = .object(client)
        object["Server"] = .object(server)
        return object
    }
}
