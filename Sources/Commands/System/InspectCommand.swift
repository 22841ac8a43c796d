// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import DockerAPI
import Engine
import Terminal

/// `inspect [OPTIONS] NAME|ID [NAME|ID…]`: everything about containers and images.
struct InspectCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "inspect", usage: "[OPTIONS] NAME|ID [NAME|ID...]",
        summary: Text("Return low-level information on containers and images", "컨테이너나 이미지의 자세한 정보를 보여 줍니다"),
        arguments: .init(1, nil, .imagesAndContainers, current: .container),
        flags: [.formatWithShort, .size, .type])

    @Option(.formatWithShort) var format: String?
    @Flag(.size) var sizes = false
    @Option(.type, transform: InspectedKind.init(parsing:)) var kind: InspectedKind?
    @Argument var names: [String] = []

    func run(in session: Session) async throws {
        let names = names.isEmpty ? try session.orCurrent([ContainerName]()).map(\.text) : names
        try await Inspection(kind: kind, sizes: sizes).print(names, as: format, in: session)
    }
}

/// `container inspect`: the same for containers alone.
struct InspectContainersCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "container inspect", usage: "[OPTIONS] CONTAINER [CONTAINER...]",
        summary: Text("Display detailed information on one or more containers", "컨테이너의 자세한 정보를 보여 줍니다"),
        arguments: .init(1, nil, .containers(.any), current: .container), flags: [.formatWithShort, .size])

    @Option(.formatWithShort) var format: String?
    @Flag(.size) var sizes = false
    @Argument(transform: { ContainerName($0) }) var containers: [ContainerName] = []

    func run(in session: Session) async throws {
        let names = try session.orCurrent(containers).map(\.text)
        try await Inspection(kind: .container, sizes: sizes).print(names, as: format, in: session)
    }
}

/// `image inspect`: the same for images alone.
struct InspectImagesCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "image inspect", usage: "[OPTIONS] IMAGE [IMAGE...]",
        summary: Text("Display detailed information on one or more images", "이미지의 자세한 정보를 보여 줍니다"),
        arguments: .init(1, nil, .images, current: .image), flags: [.formatWithShort], absentFlags: "platform=")

    @Option(.formatWithShort) var format: String?
    @Argument(transform: { ImageName($0) }) var images: [ImageName] = []

    func run(in session: Session) async throws {
        let names = try session.orCurrent(images).map(\.text)
        try await Inspection(kind: .image, sizes: false).print(names, as: format, in: session)
    }
}

/// Which kind of thing is inspected.
enum InspectedKind: String, Sendable {
    case container
    case image

    init(parsing text: String) throws(UsageError) {
        if let kind = Self(rawValue: text) {
            self = kind
        } else if ["network", "volume", "node", "service", "task", "plugin", "secret", "config"].contains(text) {
            throw UsageError(sentence: .flagIsNotThereYet("--type \(text)", command: "inspect"), pointer: .help)
        } else {
            throw .refused("\"\(text)\" is not a valid value for --type", status: 1)
        }
    }
}

/// Looks up names and prints what was found; what was not is reported afterwards.
private struct Inspection: Sendable {
    /// `nil` looks for a container first and for an image then.
    let kind: InspectedKind?
    /// Whether containers' sizes are wanted.
    let sizes: Bool

    func print(_ names: [String], as format: String?, in session: Session) async throws {
        let template = try format.flatMap { $0 == "json" || $0.isEmpty ? nil : try FormatTemplate(parsing: $0) }
        var found: [JSONValue] = []
        var failures: [any Error] = []
        for name in names {
            do {
                let document = JSONValue.object(try await document(of: name, in: session))
                if let template {
                    session.output.lines(fromOutside: try template(document))
                } else {
                    found.append(document)
                }
            } catch {
                failures.append(error)
            }
        }
        if template == nil {
            let list = JSONValue.array(found)
            session.output.lines(fromOutside: format == "json" ? list.compactText : list.indentedText)
        }
        if !failures.isEmpty { throw Failures(failures) }
    }

    private func document(of name: String, in session: Session) async throws -> JSONObject {
        let engine = try session.engine
        if kind != .image {
            do {
                var details = try await engine.containers.inspect(ContainerName(name))
                if sizes { try await addSizes(to: &details, engine) }
                return details.document
            } catch let error as EngineError where error.code == .notFound && kind == nil {}
        }
        do {
            return try await engine.images.inspect(ImageName(name)).document
        } catch let error as EngineError where error.code == .notFound && kind == nil {
            throw EngineError(.notFound, .container(name), "No such object: \(name)")
        }
    }

    /// Sizes are computed for lists only, since they cost a walk through files.
    private func addSizes(to details: inout ContainerDetails, _ engine: any ContainerEngine) async throws {
        var query = ContainerQuery(all: true)
        query.filters = [Filter(key: "id", value: details.summary.id.text)]
        query.sizes = true
        guard let row = try await engine.containers.list(query).first else { return }
        details.summary.ownSize = row.ownSize
        details.summary.rootSize = row.rootSize
    }
}

extension FlagDeclaration {
    fileprivate static let size = FlagDeclaration(
        "size", "s", .none, Text("Display total file sizes if the type is container", "컨테이너이면 파일의 크기도 보여 줍니다"))
    fileprivate static let type = FlagDeclaration(
        "type", nil, .one("string"), Text("Only inspect objects of the given type", "이 종류만 봅니다"),
        candidates: .words(["container", "image"]))
}
