// SPDX-License-Identifier: Apache-2.0

import Engine
import MonitorProtocol

/// A container's definition and state are kept as bytes: one list of fields that writes and reads, as between engine and
/// monitor. A field is added at the end, behind a check of the version that was read.
extension ContainerDefinition: Transferable {
    /// 2 added the ends of ranges of host ports.
    private static let version: UInt32 = 2

    init() { self.init(request: ContainerRequest(image: "")) }

    mutating func transfer(through wire: inout Wire) {
        var version = Self.version
        wire.carry(&version)
        guard (1...Self.version).contains(version) else { return wire.refuse() }
        wire.carry(&request)
        wire.carry(&imageID)
        wire.carry(&entrypoint)
        wire.carry(&command)
        wire.carry(&environment)
        wire.carry(&workingDirectory)
        wire.carry(&user)
        wire.carry(&hostname)
        wire.carry(&labels)
        wire.carry(&exposedPorts)
        wire.carry(&stopSignal)
        wire.carry(&lowerDirectories)
        wire.carry(&architecture)
        wire.carry(&inputEndsWithFirstClient)
        if version > 1 { wire.carryRanges(of: &request.ports) }
    }
}

extension StoredState: Transferable {
    private static let version: UInt32 = 1

    mutating func transfer(through wire: inout Wire) {
        var version = Self.version
        wire.carry(&version)
        guard version == Self.version else { return wire.refuse() }
        wire.carry(&exitCode)
        wire.carry(&wasOutOfMemory)
        wire.carry(&error)
        wire.carry(&startedAt)
        wire.carry(&finishedAt)
        wire.carry(&bootID)
        wire.carry(&adjustments)
        wire.carry(&restartCount)
        wire.carry(&hasStarted)
        wire.carry(&isRestarting)
    }
}

extension Wire {
    fileprivate mutating func carry(_ request: inout ContainerRequest) {
        carry(&request.name) {
            $0.text
        } from: {
            ContainerName($0)
        }
        carry(&request.image) {
            $0.text
        } from: {
            ImageName($0)
        }
        carry(&request.command)
        carry(&request.entrypoint)
        carry(&request.environment)
        carry(&request.workingDirectory)
        carry(&request.user)
        carry(&request.hostname)
        carry(&request.labels)
        carry(&request.network) {
            $0.name
        } from: {
            try? NetworkChoice(parsing: $0)  // `nil` tells the carrier that this is none; it names the field.
        }
        carry(&request.ports, blank: PortMapping(hostPort: nil, containerPort: .blank)) { $0.carry(&$1) }
        carry(&request.binds, blank: BindMount(source: "", target: "")) { wire, bind in
            wire.carry(&bind.source)
            wire.carry(&bind.target)
            wire.carry(&bind.isReadOnly)
            wire.carry(&bind.propagation)
        }
        carry(&request.temporaryFilesystems, blank: TemporaryFilesystem(target: "")) { wire, mount in
            wire.carry(&mount.target)
            wire.carry(&mount.options)
        }
        carry(&request.limits.memory) {
            $0.bytes
        } from: {
            ByteCount($0)
        }
        carry(&request.limits.milliCPUs)
        carry(&request.limits.processes)
        carry(&request.addedCapabilities)
        carry(&request.droppedCapabilities)
        carry(&request.isPrivileged)
        carry(&request.isReadOnly)
        carry(&request.usesInit)
        carry(&request.stopSignal) {
            $0.number
        } from: {
            Signal(number: $0)
        }
        carry(&request.stopTimeout) {
            $0.components.seconds
        } from: {
            .seconds($0)
        }
        carry(&request.hasTerminal)
        carry(&request.keepsInputOpen)
        carry(&request.removesItself)
    }

    fileprivate mutating func carry(_ port: inout PortMapping) {
        var address = port.address?.bytes ?? []
        var hostPort = port.hostPort?.number ?? 0
        var containerPort = port.containerPort.number
        var transport: UInt8 = port.transport == .tcp ? 0 : 1
        carry(&address)
        carry(&hostPort)
        carry(&containerPort)
        carry(&transport)
        guard let inside = PortNumber(containerPort), address.isEmpty || IPAddress(bytes: address) != nil else {
            return refuse()
        }
        port = PortMapping(
            address: IPAddress(bytes: address), hostPort: PortNumber(hostPort), lastHostPort: port.lastHostPort,
            containerPort: inside,
            transport: transport == 0 ? .tcp : .udp)
    }

    fileprivate mutating func carryRanges(of ports: inout [PortMapping]) {
        for (index, port) in ports.enumerated() {
            var last = port.lastHostPort?.number ?? 0
            carry(&last)
            ports[index] = PortMapping(
                address: port.address, hostPort: port.hostPort, lastHostPort: PortNumber(last),
                containerPort: port.containerPort, transport: port.transport)
        }
    }

    fileprivate mutating func carry(_ adjustments: inout [Engine.Adjustment]) {
        carry(&adjustments, blank: Engine.Adjustment(kind: .other, name: "", asked: "", given: "")) {
            wire, adjustment in
            wire.carry(&adjustment.kind) {
                $0.rawValue
            } from: {
                Engine.Adjustment.Kind(rawValue: $0)
            }
            wire.carry(&adjustment.name)
            wire.carry(&adjustment.asked)
            wire.carry(&adjustment.given)
        }
    }

    fileprivate mutating func carry(_ signal: inout Signal) {
        carry(&signal) {
            $0.number
        } from: {
            Signal(number: $0)
        }
    }

    fileprivate mutating func carry(_ labels: inout [String: String]) {
        var flat = labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        carry(&flat)
        guard flat.count.isMultiple(of: 2) else { return refuse() }
        labels = [:]
        for index in stride(from: 0, to: flat.count, by: 2) { labels[flat[index]] = flat[index + 1] }
    }

    fileprivate mutating func carry(_ list: inout [String]?) {
        var isPresent = list != nil
        var present = list ?? []
        carry(&isPresent)
        carry(&present)
        list = isPresent ? present : nil
    }

    /// Carries a value through another that travels; one that cannot be made from it is refused.
    private mutating func carry<Value, Carried: Transferable>(
        _ value: inout Value, _ carried: (Value) -> Carried, from make: (Carried) -> Value?
    ) {
        var between = carried(value)
        carry(&between)
        if let made = make(between) { value = made } else { refuse() }
    }

    private mutating func carry<Value, Number: FixedWidthInteger>(
        _ value: inout Value, _ number: (Value) -> Number, from make: (Number) -> Value?
    ) {
        var between = number(value)
        carry(&between)
        if let made = make(between) { value = made } else { refuse() }
    }

    private mutating func carry<Value, Carried: Transferable>(
        _ value: inout Value?, _ carried: (Value) -> Carried, from make: (Carried) -> Value?
    ) {
        var between = value.map(carried)
        carry(&between)
        value = between.flatMap(make)
    }

    private mutating func carry<Value, Number: FixedWidthInteger>(
        _ value: inout Value?, _ number: (Value) -> Number, from make: (Number) -> Value?
    ) {
        var between = value.map(number)
        carry(&between)
        value = between.flatMap(make)
    }

    private mutating func carry<Value>(_ values: inout [Value], blank: Value, _ each: (inout Wire, inout Value) -> Void)
    {
        var count = UInt32(values.count)
        carry(&count)
        var index = 0
        while index < Int(count), isIntact {
            if index == values.count { values.append(blank) }
            each(&self, &values[index])
            index += 1
        }
    }
}

extension PortNumber {
    /// Overwritten by what is read.
    fileprivate static var blank: PortNumber { PortNumber(1) ?? { preconditionFailure("1 is a port") }() }
}
