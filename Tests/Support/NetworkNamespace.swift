// SPDX-License-Identifier: Apache-2.0
import Glibc
public import Linux

/// A network namespace of a test's own: a machine, a container or the world outside, with a loopback interface that is
/// up. It goes, with all interfaces, addresses and firewall rules in it, when nothing refers to it any more.
public final class NetworkNamespace: Sendable {
    /// Refers to the namespace, for setns(2) and netlink.
    public let descriptor: Descriptor

    /// A new one.
    public init() throws {
        let number = try onThread {
            try Namespaces.leave(.network)
            var batch = NetlinkBatch()
            batch.raiseLoopback()
            try NetlinkSocket(.route).perform(batch)
            return try Descriptor(opening: "/proc/thread-self/ns/net", O_RDONLY).release()
        }
        descriptor = Descriptor(number: number)
    }

    /// Runs `body` on a thread of its own inside the namespace. Sockets that it opens stay there.
    public func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        try onThread {
            try Namespaces.enterNetwork(self.descriptor)
            return try body()
        }
    }

    /// Joins this namespace and another by a cable: an interface of the same name and an address on either side.
    public func join(
        _ other: NetworkNamespace, name: String, near: [UInt8], far: [UInt8], prefixLength: UInt8 = 24,
        mtu: UInt32 = 1500
    ) throws {
        try run {
            let route = try NetlinkSocket(.route)
            var batch = NetlinkBatch()
            batch.createPair(name, peer: name, peerNamespace: other.descriptor.number, mtu: mtu)
            try route.perform(batch)
            try configure(name, near, prefixLength)
        }
        try other.run { try configure(name, far, prefixLength) }
    }

    /// What a program writes to its standard output when it runs in this namespace.
    public func output(of path: String, _ arguments: String...) throws -> String {
        try run {
            let pipe = try Pipe()
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_adddup2(&actions, pipe.writing.number, 1)
            var words = ([path] + arguments).map { strdup($0) } + [nil]
            defer { for word in words { free(word) } }
            var process: pid_t = 0
            let failure = posix_spawn(&process, path, &actions, nil, &words, nil)
            guard failure == 0 else { throw SystemError(step: "posix_spawn \(path)", number: failure) }
            let ends = pipe.release()
            close(ends.writing)
            let text = try String(decoding: Descriptor(number: ends.reading).readToEnd(), as: UTF8.self)
            var status: Int32 = 0
            waitpid(process, &status, 0)
            guard status == 0 else { throw ProgramFailure(description: "\(path): status \(status)") }
            return text
        }
    }
}

private func configure(_ name: String, _ address: [UInt8], _ prefixLength: UInt8) throws {
    let route = try NetlinkSocket(.route)
    guard let index = route.index(of: name) else { throw SystemError(step: "look for \(name)", number: ENODEV) }
    var batch = NetlinkBatch()
    batch.addAddress(address, prefixLength: prefixLength, index: index)
    batch.raise(index: index, name: name)
    try route.perform(batch)
}

/// Runs `body` on a thread of its own and waits for its end: a namespace is a thread's, and the pool's threads must
/// keep theirs.
private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
    let slot = Slot<Value>()
    let thread = BackgroundThread { slot.result = Result(catching: body) }
    thread.join()
    guard let result = slot.result else { throw SystemError(step: "pthread_create", number: EAGAIN) }
    return try result.get()
}

/// What a thread leaves behind: written by the one thread, read after it has been joined, hence unchecked.
private final class Slot<Value: Sendable>: @unchecked Sendable {
    var result: Result<Value, any Error>?
}

/// A thread for work that waits: the pool has as few threads as the machine has processors, and a test that holds one
/// while another waits for it would wait for ever.
public final class BackgroundThread: Sendable {
    private let thread: pthread_t?

    /// Begins at once.
    public init(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        self.thread = failure == 0 ? thread : nil
        if failure != 0 { work.release() }
    }

    /// Waits for its end; to be called once.
    public func join() {
        if let thread { pthread_join(thread, nil) }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
