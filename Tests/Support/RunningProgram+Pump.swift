// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

extension RunningProgram {
    /// Moves bytes until the program is over or nobody cares for it any more; runs on a thread of its own.
    func pump() {
        var input = streams.input
        var outputs = streams.outputs.map(Optional.some)
        var death: CInt? = streams.death
        while true {
            let (isFinished, wantsToWrite, timeout) = plan(input: &input)
            if isFinished { break }
            let watched = [wake.read, death ?? -1] + outputs.map { $0 ?? -1 } + [wantsToWrite ? input ?? -1 : -1]
            var polled = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            polled[polled.count - 1].events = Int16(POLLOUT)
            if poll(&polled, nfds_t(polled.count), timeout) < 0 { continue }

            if polled[0].revents != 0 { drainWake() }
            if death != nil, polled[1].revents != 0 { readDeath(&death) }
            for index in outputs.indices where polled[2 + index].revents != 0 { readOutput(index, &outputs[index]) }
            if streams.isTerminal, outputs[0] == nil { input = nil }
            if input != nil, polled[polled.count - 1].revents != 0 { writeInput(&input) }
        }
        if !streams.isTerminal, let input { close(input) }
        for case let output? in outputs { close(output) }
        if let death { close(death) }
        let forgotten = state.withLock { state in
            state.isPumping = false
            defer { state.waiters = [] }
            return state.waiters.map { ($0.answer, $0.condition(state.snapshot)) }
        }
        for (answer, holds) in forgotten { answer.resume(returning: holds) }
    }

    /// Answers the waiters whose condition holds or whose time is up, and says what to wait for next.
    private func plan(input: inout CInt?) -> (isFinished: Bool, wantsToWrite: Bool, timeout: CInt) {
        let now = ContinuousClock.now
        var answers: [(CheckedContinuation<Bool, Never>, Bool)] = []
        var closesInput = false
        let next = state.withLock { state -> (Bool, Bool, CInt) in
            var kept: [Waiter] = []
            for waiter in state.waiters {
                if waiter.condition(state.snapshot) {
                    answers.append((waiter.answer, true))
                } else if waiter.deadline <= now {
                    answers.append((waiter.answer, false))
                } else {
                    kept.append(waiter)
                }
            }
            state.waiters = kept
            closesInput = state.inputEnds && state.input.isEmpty
            let isFinished = state.snapshot.isOver || state.isAbandoned && state.isReaped
            let nearest = kept.map(\.deadline).min().map { $0 - now }
            let timeout = nearest.map { CInt(clamping: Int($0 / .milliseconds(1)) + 1) } ?? -1
            return (isFinished, !state.input.isEmpty, timeout)
        }
        for (answer, holds) in answers { answer.resume(returning: holds) }
        if closesInput, !streams.isTerminal, let open = input {
            close(open)
            input = nil
        }
        return next
    }

    private func drainWake() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(wake.read, &bytes, bytes.count) > 0 {}
    }

    private func readDeath(_ death: inout CInt?) {
        guard let open = death else { return }
        var status: Int32 = -1
        let count = read(open, &status, MemoryLayout<Int32>.size)
        close(open)
        death = nil
        state.withLock { $0.snapshot.status = count == MemoryLayout<Int32>.size ? status : -1 }
    }

    private func readOutput(_ index: Int, _ stream: inout CInt?) {
        guard let open = stream else { return }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(open, &chunk, chunk.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        state.withLock { state in
            if count > 0 {
                if index == 0 {
                    state.snapshot.output += chunk[..<count]
                } else {
                    state.snapshot.errorOutput += chunk[..<count]
                }
            } else {
                // A terminal whose last holder is gone answers EIO where a pipe answers 0.
                state.snapshot.openStreams -= 1
                close(open)
            }
        }
        if count <= 0 { stream = nil }
    }

    private func writeInput(_ input: inout CInt?) {
        guard let open = input else { return }
        let isBroken = state.withLock { state in
            let count = write(open, state.input, state.input.count)
            if count > 0 { state.input.removeFirst(count) }
            let broke = count < 0 && errno != EAGAIN && errno != EINTR
            if broke { state.input = [] }
            return broke
        }
        if isBroken, !streams.isTerminal {
            close(open)
            input = nil
        }
    }
}
