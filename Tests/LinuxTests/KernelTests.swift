// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import Testing

struct KernelTests {
    private static func scoped(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/dsh-linux-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemError(step: "mkdtemp", number: errno) }
        let directory = String(cString: made)
        defer { remove(directory) }
        try body(directory)
    }

    @Test func `a failed call names what it failed on and why`() {
        #expect { _ = try Descriptor(opening: "/nope/file", O_RDONLY) } throws: { error in
            "\(error)" == "open /nope/file: No such file or directory"
        }
    }

    @Test func `a lock is held as long as its holder lives, and asking does not take it`() throws {
        try Self.scoped { directory in
            let path = "\(directory)/lock"
            defer { unlink(path) }
            var isHeld = try FileLock.isHeld(path)
            #expect(!isHeld)
            do {
                guard let lock = try FileLock.take(path) else { throw SystemError(step: "lock", number: EBUSY) }
                isHeld = try FileLock.isHeld(path)
                #expect(isHeld)
                let second = try FileLock.take(path)
                let isSecond = second != nil
                #expect(!isSecond)
                try lock.write("4711\n")
            }
            isHeld = try FileLock.isHeld(path)
            #expect(!isHeld)
        }
    }

    @Test func `a socket in a directory with a long path is reached`() throws {
        try Self.scoped { directory in
            let long = "\(directory)/\(String(repeating: "d", count: 200))"
            mkdir(long, 0o700)
            defer {
                unlink("\(long)/attach")
                rmdir(long)
            }
            let listener = try UnixSocket.listen("attach", in: long)
            var status = stat()
            stat("\(long)/attach", &status)
            #expect(status.st_mode & 0o777 == 0o600)
            let client = try UnixSocket.connect("attach", in: long)
            guard let server = try UnixSocket.accept(listener) else {
                throw SystemError(step: "accept", number: EAGAIN)
            }
            try client.send(Array("hello".utf8))
            let bytes = try server.receive(upTo: 16).bytes
            #expect(bytes == Array("hello".utf8))
            let another = try UnixSocket.accept(listener)
            let isThere = another != nil
            #expect(!isThere)
        }
    }

    @Test func `a descriptor travels over a socket`() throws {
        let pair = try SocketPair(keepingBoundaries: true)
        let pipe = try Pipe()
        try pair.one.send([7], passing: pipe.writing.number)
        let (bytes, passed) = try pair.other.receive(upTo: 16)
        #expect(bytes == [7])
        let copy = Descriptor(number: try #require(passed))
        try copy.writeAll([1, 2, 3])
        var buffer = [UInt8](repeating: 0, count: 8)
        #expect(read(pipe.reading.number, &buffer, 8) == 3)
        #expect(fcntl(copy.number, F_GETFD) == FD_CLOEXEC)
    }

    @Test func `a process is itself and no later one with its number`() throws {
        let ticks = try ProcessHandle.startTicks(of: getpid())
        let own = try ProcessHandle(pid: getpid(), startTicks: ticks)
        #expect(own.pid == getpid())
        #expect { _ = try ProcessHandle(pid: getpid(), startTicks: ticks + 1) } throws: {
            ($0 as? SystemError)?.number == ESRCH
        }
        #expect { try ProcessHandle.startTicks(of: Int32.max) } throws: { ($0 as? SystemError)?.number == ESRCH }
    }

    @Test func `a program gets the descriptors that it was given and no others`() throws {
        let output = try Pipe()
        let extra = try Descriptor(opening: "/dev/null", O_RDONLY)
        let inherited = dup(extra.number)  // without close-on-exec
        defer { close(inherited) }
        let script = "for n in 0 1 2 3 4 5 6 7 8 9 11 20 50; do [ -e /proc/$$/fd/$n ] && echo $n >&5; done"
        let spawned = try SpawnedProgram(
            ProtectedProgram("/bin/busybox"), arguments: ["sh", "-c", script], environment: ["PATH=/bin"],
            descriptors: [extra.number, nil, output.writing.number])
        let text = String(decoding: try output.keepReading().readToEnd(), as: UTF8.self)
        waitpid(spawned.pid, nil, 0)
        // 6 is the program itself.
        #expect(text.split(separator: "\n") == ["0", "1", "2", "3", "5", "6"])
    }

    @Test func `a mount that is not attached goes away with its value`() throws {
        let before = try Descriptor(opening: "/proc/self/mountinfo", O_RDONLY).readToEnd()
        do {
            let mount = try DetachedMount(of: "tmpfs", [.value("size", "64k")], .noExecution)
            let file = try Descriptor(opening: "file", in: mount.tree.number, O_WRONLY | O_CREAT, mode: 0o644)
            try file.writeAll([1])
            try mount.change(adding: .noSetuid)
        }
        let after = try Descriptor(opening: "/proc/self/mountinfo", O_RDONLY).readToEnd()
        #expect(before == after)
        #expect { _ = try DetachedMount(of: "tmpfs", [.value("size", "much")]) } throws: { error in
            "\(error)" == "tmpfs size=much: Invalid argument"
        }
    }

    @Test func `a boot has a name`() throws {
        let name = try Clocks.bootID()
        #expect(name.count == 36 && name.split(separator: "-").count == 5)
        #expect(try Clocks.bootID() == name)
    }
}
