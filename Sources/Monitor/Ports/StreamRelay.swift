// SPDX-License-Identifier: Apache-2.0

import Linux

/// One TCP connection that came to the host and its continuation to the container; bytes go both ways by splice(2).
///
/// Each way ends by itself: a client that has said all and waits for the answer keeps its answer's way open.
final class StreamRelay {
    /// What became of it.
    enum Progress {
        /// Nothing moves until a descriptor is ready again.
        case waits
        /// There was more to move than is fair at once.
        case hasMore
        /// Over, in good order or not.
        case over
    }

    /// The connection that came to the host.
    let client: InternetSocket
    /// The connection to the container.
    let server: InternetSocket
    private var isConnected = false
    private var outward = Way()
    private var inward = Way()

    /// Bytes on their way in one direction.
    private struct Way {
        /// Present only while it holds bytes that the far side has no room for.
        var pipe: SplicePipe?
        var held = 0
        var hasEnded = false
        var isClosed = false
    }

    /// Joins two connections; the second may still be coming about.
    init(client: consuming InternetSocket, server: consuming InternetSocket) {
        self.client = client
        self.server = server
    }

    /// Moves what can be moved without waiting, but not for ever: other connections have their turn too.
    func advance(with pipes: inout PipePool) -> Progress {
        if !isConnected {
            isConnected = server.isConnected
            // Nothing is taken from the client before somebody is there to have it.
            if !isConnected { return server.hasFailed ? abandon() : .waits }
        }
        do throws(SystemError) {
            let outwardHasMore = try Self.move(&outward, from: client, to: server, with: &pipes)
            let inwardHasMore = try Self.move(&inward, from: server, to: client, with: &pipes)
            if outward.isClosed, inward.isClosed { return .over }
            return outwardHasMore || inwardHasMore ? .hasMore : .waits
        } catch {
            return abandon()
        }
    }

    /// Tells both sides that the connection is broken, as the kernel would without anyone between them.
    private func abandon() -> Progress {
        client.resetWhenClosed()
        server.resetWhenClosed()
        return .over
    }

    /// Whether there is more to move at once.
    private static func move(
        _ way: inout Way, from source: borrowing InternetSocket, to target: borrowing InternetSocket,
        with pipes: inout PipePool
    ) throws(SystemError) -> Bool {
        var rounds = 0
        while !way.isClosed {
            if way.held == 0, !way.hasEnded {
                if rounds == PipePool.fairRounds { return true }
                rounds += 1
                guard try fill(&way, from: source, with: &pipes) else { return false }
            }
            if way.held > 0 {
                guard try empty(&way, into: target, with: &pipes) else { return false }
            } else if way.hasEnded {
                target.finishSending()
                way.isClosed = true
            }
        }
        return false
    }

    /// Whether bytes came, or the end.
    private static func fill(
        _ way: inout Way, from source: borrowing InternetSocket, with pipes: inout PipePool
    ) throws(SystemError) -> Bool {
        let pipe = try pipes.take()
        let transfer = pipe.fill(from: source.descriptor, count: PipePool.pipeSize)
        switch transfer {
        case .moved(let count):
            way.held = count
            way.pipe = pipe
            return true
        case .ended, .later:
            pipes.giveBack(pipe)
            way.hasEnded = transfer == .ended
            return way.hasEnded
        case .failed(let number):
            pipes.giveBack(pipe)
            throw SystemError(step: "splice", number: number)
        }
    }

    /// Whether all that was held has gone.
    private static func empty(
        _ way: inout Way, into target: borrowing InternetSocket, with pipes: inout PipePool
    ) throws(SystemError) -> Bool {
        guard let pipe = way.pipe else { return true }
        while way.held > 0 {
            switch pipe.empty(into: target.descriptor, count: way.held) {
            case .moved(let count): way.held -= count
            case .later, .ended: return false
            case .failed(let number): throw SystemError(step: "splice", number: number)
            }
        }
        way.pipe = nil
        pipes.giveBack(pipe)
        return true
    }
}

/// Pipes that are empty and wait for use: a connection that is idle needs none.
struct PipePool {
    /// Bytes moved in one call.
    static let pipeSize = 262_144
    /// Calls that one way of one connection gets before others have their turn.
    static let fairRounds = 16
    private static let spare = 4

    private var pipes: [SplicePipe] = []

    /// An empty pipe.
    mutating func take() throws(SystemError) -> SplicePipe {
        if let pipe = pipes.popLast() { return pipe }
        return try SplicePipe(size: Self.pipeSize)
    }

    /// Takes back an empty pipe; those over a few are closed.
    mutating func giveBack(_ pipe: SplicePipe) {
        if pipes.count < Self.spare { pipes.append(pipe) }
    }
}
