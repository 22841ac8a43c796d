// SPDX-License-Identifier: Apache-2.0

import Engine
import MonitorProtocol

extension LocalContainers {
    func list(_ query: ContainerQuery) async throws -> [ContainerSummary] {
        let filter = try ContainerFilter(query.filters)
        let showsAll = query.all || query.limit != nil || filter.namesState
        // Without `-a`, the rows that can run are few, and the others are not even read.
        let rows = try core.database.read { showsAll ? try ContainerRecord.all($0) : try ContainerRecord.unsettled($0) }
        let neighbours = try filter.resolve { try find($0) }
        var imageNames = ImageNames(images)
        var found: [ContainerSummary] = []
        for row in rows where query.limit.map({ found.count < $0 }) ?? true {
            guard let record = try settled(row), showsAll || !record.isSettled else { continue }
            var summary = try summary(record, &imageNames)
            guard try filter.passes(record, summary, neighbours, images) else { continue }
            if query.sizes { try addSizes(&summary, record) }
            found.append(summary)
        }
        return found
    }

    /// One row of `ps`.
    func summary(_ record: ContainerRecord, _ imageNames: inout ImageNames) throws -> ContainerSummary {
        let definition = record.definition
        let request = definition.request
        return ContainerSummary(
            id: record.id, name: record.name, image: try imageNames.shown(definition),
            imageID: try ImageID(parsing: definition.imageID), command: definition.program,
            created: Timestamp(nanoseconds: record.created), state: state(record), ports: ports(record),
            labels: definition.labels, networks: [request.network.name],
            mounts: request.binds.map(\.source))
    }

    /// The published ports of a container that runs, then those that are exposed only; none once it has ended.
    func ports(_ record: ContainerRecord) -> [Engine.PublishedPort] {
        guard !record.isSettled else { return [] }
        let published = publishedPorts(record)
        let taken = Set(published.map { "\($0.mapping.containerPort)/\($0.mapping.transport.rawValue)" })
        let exposed = record.definition.exposedPorts.filter { !taken.contains($0) }
            // An image may expose what is no port: it is not shown.
            .compactMap { try? PortMapping.parse($0[...]) }.flatMap { $0 }
        return published + exposed.map(Engine.PublishedPort.init)
    }

    func publishedPorts(_ record: ContainerRecord) -> [Engine.PublishedPort] {
        (started(record.id)?.ports ?? []).compactMap { port in
            guard let inside = PortNumber(port.containerPort) else { return nil }
            return Engine.PublishedPort(
                PortMapping(
                    address: IPAddress(bytes: port.hostAddress), hostPort: PortNumber(port.hostPort),
                    containerPort: inside, transport: port.transport == .tcp ? .tcp : .udp))
        }
    }

    func addSizes(_ summary: inout ContainerSummary, _ record: ContainerRecord) throws {
        let own = DiskUsage.bytes(below: files(record.id).upper) + DiskUsage.bytes(below: files(record.id).log)
        summary.ownSize = ByteCount(own)
        summary.rootSize = ByteCount(own + (try images.size(of: summary.imageID)).bytes)
    }
}

/// What `ps` shows as a container's image; each name is looked up once.
struct ImageNames {
    private let images: any ImageSource
    private var known: [String: String?] = [:]

    init(_ images: any ImageSource) { self.images = images }

    /// The name at creation while it still means the same image, otherwise the image's short id.
    mutating func shown(_ definition: ContainerDefinition) throws -> String {
        let name = definition.request.image
        let id: String?
        if let seen = known[name.text] {
            id = seen
        } else {
            id = try images.id(of: name)?.text
            known[name.text] = .some(id)
        }
        return id == definition.imageID ? name.text : String(definition.imageID.dropFirst(7).prefix(12))
    }
}
