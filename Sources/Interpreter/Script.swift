// SPDX-License-Identifier: Apache-2.0
public import Commands
import Glibc
import ShellLanguage
import Terminal

/// A script as a whole: a file, or what comes on a descriptor.
public enum Script {
    /// Runs a file: `dsh lesson.dsh a b`. What it started in the background has ended when this returns.
    ///
    /// - Parameters:
    ///   - path: relative ones begin at the session's directory.
    ///   - arguments: `$1` and so on.
    ///   - session: one of kind `.script`.
    /// - Returns: the script's status; 127 when there is no such file, 126 when it cannot be read.
    public static func run(path: String, arguments: [String] = [], session: Session) async -> Int32 {
        let file: OpenFile
        do {
            file = try OpenFile(session.hostPath(path), O_RDONLY)
        } catch {
            return refuse(path, error.number, session)
        }
        return await run(file.descriptor, name: path, arguments: arguments, session: session)
    }

    /// Runs what a descriptor gives up to its end, standard input for example; it is read whole before anything runs, so that
    /// commands find the end of it and not the lines that follow.
    ///
    /// - Parameter name: what error messages call it.
    public static func run(
        descriptor: Int32, name: String = "stdin", arguments: [String] = [], session: Session
    ) async -> Int32 {
        await run(descriptor, name: name, arguments: arguments, session: session)
    }

    private static func run(
        _ descriptor: Int32, name: String, arguments: [String], session: Session
    ) async -> Int32 {
        let interpreter = Interpreter(session: session, name: name, arguments: arguments)
        let source: SourceText
        switch contents(of: descriptor) {
        case .failure(let failure): return refuse(name, failure.number, session)
        case .success(let bytes):
            do {
                source = try SourceText(bytes: bytes, name: name)
            } catch {
                return interpreter.refused(error, in: SourceText("", name: name)).status
            }
        }
        let outcome = await interpreter.run(source)
        await interpreter.end()
        return outcome.status
    }

    private static func refuse(_ name: String, _ number: Int32, _ session: Session) -> Int32 {
        session.error.line("dsh: \(name.neutralised): \(String(cString: strerror(number)))")
        // Nobody is left to be told that standard error is gone.
        try? session.error.flush()
        return number == ENOENT || number == ENOTDIR ? 127 : 126
    }

    private static func contents(of descriptor: Int32) -> Result<[UInt8], HostFailure> {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return .success(bytes) }
            if count > 0 {
                bytes += buffer[..<count]
            } else if errno != EINTR {
                return .failure(HostFailure(step: "read", number: errno))
            }
        }
    }
}
