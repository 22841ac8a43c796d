// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `layers [OPTIONS] [IMAGE] [LAYER|PATH]`: the stack that an image is, what one layer changes, or which layer a file is from.
struct LayersCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "layers", "image layers", usage: "[OPTIONS] [IMAGE] [LAYER|PATH]",
        summary: Text("Show the layers of an image, and what is in them", "이미지의 레이어와 그 안에 든 것을 보여 줍니다"),
        details: Text(
            """
            An image alone is drawn as the stack that it is. With a layer's number, the files that it adds (A), changes (C)
            and removes (D) are listed; with a path, the layer that it is from is named. With a current image, a number or a
            path that begins with / may stand alone.
            """,
            """
            이미지만 적으면 쌓인 레이어를 그립니다. 레이어 번호를 적으면 그 레이어가 더한(A), 바꾼(C), 지운(D) 파일이 나오고,
            경로를 적으면 어느 레이어에서 온 파일인지 나옵니다. 지금 이미지가 있으면 번호나 /로 시작하는 경로만 적어도 됩니다.
            """),
        arguments: .init(1, 2, .images, .layerPlaces, current: .image), flags: [.format, .noTrunc])

    @Option(.format) var format: String?
    @Flag(.noTrunc) var noTrunc = false
    @Argument var words: [String] = []

    /// What of the image is asked for.
    private enum Place {
        case stack
        case layer(Int)
        case path(String)

        init(_ word: String) {
            let number = word.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(word) : nil
            self = if let number { .layer(number) } else { .path(word) }
        }

        /// Whether it may stand without an image's name: an image may be called `1` only by the beginning of its id.
        var standsAlone: Bool {
            switch self {
            case .stack: true
            case .layer(let number): number < 1000
            case .path(let path): path.hasPrefix("/")
            }
        }
    }

    func run(in session: Session) async throws {
        let (image, place) = try target(in: session)
        switch place {
        case .stack: try await drawStack(of: image, in: session)
        case .layer(let number): try await list(number, of: image, in: session)
        case .path(let path): try await trace(path, in: image, in: session)
        }
    }

    private func target(in session: Session) throws -> (ImageName, Place) {
        if words.count == 2 { return (ImageName(words[0]), Place(words[1])) }
        guard let word = words.first else { return (try session.orCurrent(ImageName?.none), .stack) }
        let place = Place(word)
        if case .path(let path) = place, path.hasPrefix("/") {
            return (try session.orCurrent(ImageName?.none), place)
        }
        if place.standsAlone, session.currentImage != nil {
            return (try session.orCurrent(ImageName?.none), place)
        }
        return (ImageName(word), .stack)
    }

    private func drawStack(of image: ImageName, in session: Session) async throws {
        let layers = try await session.engine.images.layers(of: image)
        if let format, !format.isEmpty {
            let rows = layers.reversed().map { LayerRow(layer: $0, isShort: !noTrunc) }
            return try LayerRow.view.print(rows, as: .init(format: format), in: session)
        }
        var drawing = LayerStackDrawing(image: image.text, layers: layers, language: session.language)
        drawing.isShort = !noTrunc
        for line in drawing.lines(columns: session.output.columns) { session.output.line(line) }
    }

    private func list(_ number: Int, of image: ImageName, in session: Session) async throws {
        let changes = try await session.engine.images.changes(inLayer: number, of: image)
        let rows = changes.map { LayerChangeRow(change: $0) }
        if rows.isEmpty, format == nil {
            return session.output.line(Text.layerChangesNothing(number).text(in: session.language))
        }
        var wish = ListView<LayerChangeRow>.Wish(format: format)
        if rows.allSatisfy({ $0.details.isEmpty }) { wish.fields = ["Kind", "Size", "Path"] }
        try LayerChangeRow.view.print(rows, as: wish, in: session)
    }

    private func trace(_ path: String, in image: ImageName, in session: Session) async throws {
        if format != nil { throw UsageError.refused("--format shows layers and their files, not a path", status: 1) }
        let images = try session.engine.images
        let origin = try await images.origin(of: path, in: image)
        let layers = try await images.layers(of: image)
        let report = PathOriginReport(asked: path, origin: origin, layers: layers, language: session.language)
        let columns = session.output.columns
        for line in report.lines {
            session.output.line(columns.map { line.neutralised.truncated(to: max(1, $0 - 1)) } ?? line)
        }
    }
}
