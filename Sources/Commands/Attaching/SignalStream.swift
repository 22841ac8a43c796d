// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
public import Terminal

/// Signals that come to this process, one after another, for as long as the value lives; they do nothing else meanwhile.
public final class SignalStream: Sendable {
    /// Numbers in the order of arrival; several of one kind may come as one, as everywhere.
    public let signals: AsyncStream<Int32>
    private let watch: SignalWatch
    private let feed: AsyncStream<Int32>.Continuation
    // Dispatch sources may be used from any thread; the type does not say so.
    nonisolated(unsafe) private let source: any DispatchSourceRead

    /// Watches these signals; while several values watch one, the newest gets it.
    ///
    /// - Throws: `TerminalError` where the process has no descriptors left.
    public init(_ numbers: [Int32]) throws(TerminalError) {
        watch = try SignalWatch(numbers)
        (signals, feed) = AsyncStream.makeStream(of: Int32.self)
        // A thread of Swift's pool must not sit in poll(2): on two cores there are only two.
        source = DispatchSource.makeReadSource(fileDescriptor: watch.descriptor)
        source.setEventHandler { [watch, feed] in
            for number in watch.take().sorted() { feed.yield(number) }
        }
        // The handlers keep the watch, and with it the descriptor, until the source has let go of it.
        source.setCancelHandler { [watch, feed] in
            withExtendedLifetime(watch) { feed.finish() }
        }
        source.activate()
    }

    deinit { source.cancel() }
}
