// SPDX-License-Identifier: Apache-2.0
public import Engine

extension ContainerDetails {
    /// The container as `inspect` shows it: Docker's names in Docker's order.
    ///
    /// Names of Docker's whose things dsh does not have (plugins, swarm, Windows) are not there, rather than empty. The last
    /// name, `Adjustments`, is dsh's own and is there only when this machine gave less than was asked for.
    /// - SeeAlso: Docker Engine API, `GET /containers/{id}/json`.
    public var document: JSONObject {
        var object = JSONObject(.fields)
        object.set("Id", field: "ID", .string(summary.id.text))
        object["Created"] = .string(summary.created.rfc3339)
        object["Path"] = .string(program.first ?? "")
        object["Args"] = .strings(Array(program.dropFirst()))
        object["State"] = .object(stateObject)
        object["Image"] = .string(summary.imageID.text)
        object["ResolvConfPath"] = .string(resolvConfPath)
        object["HostnamePath"] = .string(hostnamePath)
        object["HostsPath"] = .string(hostsPath)
        object["LogPath"] = .string(logPath)
        object["Name"] = .string("/" + summary.name)
        object["RestartCount"] = .integer(Int64(restartCount))
        object["Driver"] = "overlay2"
        object["Platform"] = .string(String(platform.prefix { $0 != "/" }))
        object["HostConfig"] = .object(hostObject)
        object["GraphDriver"] = .object(.graphDriver(lower: lowerDirectories, upper: upperDirectory))
        if let size = summary.ownSize { object["SizeRw"] = .integer(size.bytes) }
        if let size = summary.rootSize { object["SizeRootFs"] = .integer(size.bytes) }
        object["Mounts"] = .array(request.binds.map { .object($0.inspection) })
        object["Config"] = .object(configObject)
        object["NetworkSettings"] = .object(networkObject)
        if !adjustments.isEmpty { object["Adjustments"] = .array(adjustments.map { .object($0.inspection) }) }
        return object
    }

    private var stateObject: JSONObject {
        let state = summary.state
        var object = JSONObject(.fields)
        object["Status"] = .string(state.status.rawValue)
        object["Running"] = .bool(state.isRunning || state.status == .restarting)
        object["Paused"] = .bool(state.status == .paused)
        object["Restarting"] = .bool(state.status == .restarting)
        object["OOMKilled"] = .bool(state.wasOutOfMemory)
        object["Dead"] = .bool(state.status == .dead)
        object["Pid"] = .integer(Int64(state.processID))
        object["ExitCode"] = .integer(Int64(state.exitCode))
        object["Error"] = .string(state.error)
        object["StartedAt"] = .string(state.startedAt?.rfc3339 ?? Timestamp.never)
        object["FinishedAt"] = .string(state.finishedAt?.rfc3339 ?? Timestamp.never)
        if let health = summary.health {
            var check = JSONObject(.fields)
            check["Status"] = .string(health)
            object["Health"] = .object(check)
        }
        return object
    }

    private var hostObject: JSONObject {
        let limits = request.limits
        var object = JSONObject(.fields)
        let binds = request.binds.map { "\($0.source):\($0.target)\($0.isReadOnly ? ":ro" : "")" }
        object["Binds"] = .strings(binds.isEmpty ? nil : binds)
        object["NetworkMode"] = .string(request.network.name)
        object["PortBindings"] = .object(request.ports.asked)
        object["AutoRemove"] = .bool(request.removesItself)
        object["CapAdd"] = .strings(request.addedCapabilities.isEmpty ? nil : request.addedCapabilities)
        object["CapDrop"] = .strings(request.droppedCapabilities.isEmpty ? nil : request.droppedCapabilities)
        object["CgroupnsMode"] = "private"
        object["IpcMode"] = "private"
        object["PidMode"] = ""
        object["Privileged"] = .bool(request.isPrivileged)
        object["ReadonlyRootfs"] = .bool(request.isReadOnly)
        object["UTSMode"] = .string(request.network == .host ? "host" : "")
        object["Memory"] = .integer(limits.memory?.bytes ?? 0)
        object.set("NanoCpus", field: "NanoCPUs", .integer((limits.milliCPUs ?? 0) * 1_000_000))
        object["PidsLimit"] = limits.processes.map { .integer($0) } ?? .null(.pointer)
        if !request.temporaryFilesystems.isEmpty {
            let mounts = request.temporaryFilesystems.map { ($0.target, $0.options) }
            object["Tmpfs"] = .object(JSONObject(texts: Dictionary(mounts) { $1 }))
        }
        if request.usesInit { object["Init"] = true }
        return object
    }

    private var configObject: JSONObject {
        var object = JSONObject(.fields)
        object["Hostname"] = .string(hostname)
        object["Domainname"] = ""
        object["User"] = .string(user)
        if !exposedPorts.isEmpty { object["ExposedPorts"] = .emptyStructs(exposedPorts) }
        object["Tty"] = .bool(request.hasTerminal)
        object["OpenStdin"] = .bool(request.keepsInputOpen)
        object["Env"] = .strings(environment)
        object["Cmd"] = .strings(command.isEmpty ? nil : command)
        object["Image"] = .string(request.image.text)
        object["WorkingDir"] = .string(workingDirectory)
        object["Entrypoint"] = .strings(entrypoint.isEmpty ? nil : entrypoint)
        object["Labels"] = .object(JSONObject(texts: summary.labels))
        object["StopSignal"] = .string("\(stopSignal)")
        if let timeout = request.stopTimeout { object["StopTimeout"] = .integer(timeout.components.seconds) }
        return object
    }

    private var networkObject: JSONObject {
        var object = JSONObject(.fields)
        // Docker shows the ports that are published now, and those that are only exposed as null.
        var ports = JSONObject(.map)
        if summary.state.isRunning {
            let published = summary.ports.map(\.mapping).filter { $0.hostPort != nil }
            ports = published.bound
            for port in exposedPorts where ports[port] == nil { ports[port] = .null(.list) }
        }
        object["Ports"] = .object(ports)
        let standard = networks.first
        object["Gateway"] = .string(standard?.gateway?.text ?? "")
        object["IPAddress"] = .string(standard?.address?.text ?? "")
        object["IPPrefixLen"] = .integer(Int64(standard?.address == nil ? 0 : standard?.prefixLength ?? 0))
        object["MacAddress"] = .string(standard?.address == nil ? "" : standard?.hardwareAddress ?? "")
        var all = JSONObject(.map)
        for network in networks { all[network.network] = .object(network.inspection) }
        object["Networks"] = .object(all)
        return object
    }
}

extension BindMount {
    fileprivate var inspection: JSONObject {
        var object = JSONObject(.fields)
        object["Type"] = "bind"
        object["Source"] = .string(source)
        object["Destination"] = .string(target)
        object["Mode"] = .string(isReadOnly ? "ro" : "")
        object["RW"] = .bool(!isReadOnly)
        object["Propagation"] = .string(propagation)
        return object
    }
}

extension NetworkAttachment {
    fileprivate var inspection: JSONObject {
        var object = JSONObject(.fields)
        object["MacAddress"] = .string(hardwareAddress)
        object["Gateway"] = .string(gateway?.text ?? "")
        object["IPAddress"] = .string(address?.text ?? "")
        object["IPPrefixLen"] = .integer(Int64(address == nil ? 0 : prefixLength))
        return object
    }
}

extension Adjustment {
    fileprivate var inspection: JSONObject {
        var object = JSONObject(.fields)
        object["Kind"] = .string(kind.rawValue)
        object["Name"] = .string(name)
        object["Asked"] = .string(asked)
        object["Given"] = .string(given)
        return object
    }
}

extension [PortMapping] {
    /// As they were asked for: `{"80/tcp": [{"HostIp": "", "HostPort": "3000"}]}`.
    fileprivate var asked: JSONObject { bindings { [$0.address?.text ?? ""] } }

    /// As they are: a port on every address is bound on both kinds of them.
    fileprivate var bound: JSONObject { bindings { $0.address.map { [$0.text] } ?? ["0.0.0.0", "::"] } }

    private func bindings(_ addresses: (PortMapping) -> [String]) -> JSONObject {
        var bindings: [String: [JSONValue]] = [:]
        for mapping in self {
            for address in addresses(mapping) {
                var binding = JSONObject(.fields)
                binding.set("HostIp", field: "HostIP", .string(address))
                binding["HostPort"] = .string(mapping.hostPorts)
                bindings["\(mapping.containerPort)/\(mapping.transport.rawValue)", default: []].append(.object(binding))
            }
        }
        var object = JSONObject(.map)
        for (port, list) in bindings.sorted(by: { $0.key < $1.key }) { object[port] = .array(list) }
        return object
    }
}

extension JSONValue {
    /// Go's set: `{"80/tcp": {}}`.
    static func emptyStructs(_ keys: [String]) -> JSONValue {
        var object = JSONObject(.map)
        for key in keys.sorted() { object[key] = .object(JSONObject(.fields)) }
        return .object(object)
    }
}

extension JSONObject {
    /// Where an overlay's directories are; `lower` topmost first, `upper` `nil` for an image, whose topmost layer it is then.
    static func graphDriver(lower: [String], upper: String?) -> JSONObject {
        let upperDirectory = upper ?? lower.first ?? ""
        let below = upper == nil ? Array(lower.dropFirst()) : lower
        var directories = JSONObject(.texts)
        if !below.isEmpty { directories["LowerDir"] = .string(below.joined(separator: ":")) }
        if !upperDirectory.isEmpty { directories["UpperDir"] = .string(upperDirectory) }
        var object = JSONObject(.fields)
        object["Data"] = .object(directories)
        object["Name"] = "overlay2"
        return object
    }
}
