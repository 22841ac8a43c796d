// SPDX-License-Identifier: Apache-2.0
internal import Commands
internal import Engine
internal import Terminal

/// What the prompt tells: `dsh node:latest web● [1] ❯`.
struct ShellPrompt: Equatable, Sendable {
    /// Whether the current container is there, and runs.
    enum Liveness: Sendable { case running, stopped, gone }

    var image: String?
    var container: String?
    var liveness = Liveness.stopped
    var status: Int32 = 0

    init(image: String? = nil, container: String? = nil, liveness: Liveness = .stopped, status: Int32 = 0) {
        (self.image, self.container, self.liveness, self.status) = (image, container, liveness, status)
    }

    /// Asks the engine how the current container is.
    init(of session: Session) async {
        image = session.currentImage?.text
        status = session.status
        guard let name = session.currentContainer else { return }
        container = name.text
        do {
            let summary = try await session.engine.containers.inspect(name).summary
            container = summary.name
            liveness = summary.state.isRunning ? .running : .stopped
        } catch {
            liveness = .gone
        }
    }

    /// The prompt for a terminal so many columns wide: at most half of it, so that there is room to type.
    func prompt(columns: Int) -> Prompt {
        // What is always there: `dsh `, the status, `❯ `.
        let fixed = 6 + (status == 0 ? 0 : "[\(status)] ".columns)
        var room = max(0, columns / 2 - fixed)
        var spans = [StyledText("dsh", .bold), StyledText(" ")]
        // The container matters more than the image, and is cut last.
        let containerText = container.map { name in
            let text = name.neutralised.truncated(to: max(3, room - 2))
            room -= text.columns + 2
            return text
        }
        if let image, let text = shortened(image.neutralised, to: room - 1) {
            spans += [StyledText(text, .cyan), StyledText(" ")]
        }
        if let containerText { spans += [StyledText(containerText, .green), mark, StyledText(" ")] }
        if status != 0 { spans += [StyledText("[\(status)]", .red), StyledText(" ")] }
        return Prompt(spans + [StyledText("❯", .bold), StyledText(" ")])
    }

    private var mark: StyledText {
        switch liveness {
        case .running: StyledText("●", .green)
        case .stopped: StyledText("○", .dim)
        case .gone: StyledText("✗", .red)
        }
    }

    /// The image's name without its registry and path where it is too long, then cut; `nil` where nothing useful is left.
    private func shortened(_ image: String, to columns: Int) -> String? {
        if image.columns <= columns { return image }
        let last = image.split(separator: "/").last.map(String.init) ?? image
        return columns < 5 ? nil : last.truncated(to: columns)
    }
}
