// SPDX-License-Identifier: Apache-2.0

internal import CLinux
import Glibc

/// A descriptor that this value alone owns and closes. Every one that is made here is close-on-exec.
public struct Descriptor: ~Copyable, Sendable {
    /// The kernel's number; whoever takes it out must not close it.
    public let number: CInt

    /// Takes over an open descriptor.
    public init(number: CInt) { self.number = number }

    deinit { close(number) }

    /// Hands the open descriptor to the caller, who closes it.
    public consuming func release() -> CInt {
        let number = number
        discard self
        return number
    }

    /// open(2), relative to `directory` where there is one; `O_CLOEXEC` is always added.
    public init(
        opening path: String, in directory: CInt? = nil, _ flags: CInt, mode: UInt32 = 0
    ) throws(SystemError) {
        number = try attempt("open \(path)") {
            clinux_openat(directory ?? AT_FDCWD, path, flags | O_CLOEXEC, mode)
        }
    }

    /// A second descriptor of the same open file.
    public func duplicate() throws(SystemError) -> Descriptor {
        Descriptor(number: try attempt("duplicate a descriptor") { clinux_duplicate(number) })
    }

    /// Makes reads and writes return at once (`O_NONBLOCK`); this holds for the open file, whoever else has it.
    public func setNonBlocking() throws(SystemError) {
        try attempt("set O_NONBLOCK") { clinux_set_nonblocking(number, 1) }
    }

    /// Reads at most as much as `buffer` holds; zero is the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try attempt("read") { Glibc.read(number, buffer.baseAddress, buffer.count) }
    }

    /// Reads to the end; `limit` guards against files that have none.
    public func readToEnd(limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var room = 4096
        while bytes.count < limit {
            let before = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: room))
            let count = try attempt("read") {
                bytes.withUnsafeMutableBytes { Glibc.read(number, $0.baseAddress.map { $0 + before }, room) }
            }
            bytes.removeLast(room - count)
            if count == 0 { return bytes }
            room = min(room * 2, 1 << 20)
        }
        throw SystemError(step: "read", number: EFBIG)
    }

    /// Writes three parts one after the other with one call, so that another process sees all of them or none.
    ///
    /// - Returns: how many bytes went; fewer than given when the disk is full.
    public func write(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, _ third: UnsafeRawBufferPointer
    ) throws(SystemError) -> Int {
        try attempt("write") {
            clinux_write_three(
                number, first.baseAddress, first.count, second.baseAddress, second.count, third.baseAddress,
                third.count)
        }
    }

    /// What a descriptor that does not block has just now.
    public enum Reading: Sendable {
        /// So many bytes, at least one.
        case bytes(Int)
        /// Nothing yet.
        case nothing
        /// No more will come.
        case end
    }

    /// Reads what is there. The leading end of a terminal that nobody holds any more has ended too: EIO.
    public func readNow(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Reading {
        do throws(SystemError) {
            let count = try read(into: buffer)
            return count == 0 ? .end : .bytes(count)
        } catch {
            if error.number == EAGAIN { return .nothing }
            if error.number == EIO { return .end }
            throw error
        }
    }

    /// Writes what there is room for; zero when there is none.
    public func writeNow(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        do throws(SystemError) {
            return try attempt("write") {
                bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            }
        } catch {
            if error.number == EAGAIN { return 0 }
            throw error
        }
    }

    /// Writes everything, waiting where the other side is slow.
    public func writeAll(_ bytes: some Sequence<UInt8>) throws(SystemError) {
        let bytes = Array(bytes)
        var done = 0
        while done < bytes.count {
            done += try attempt("write") {
                bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            }
        }
    }
}

/// Both ends of a pipe(2).
public struct Pipe: ~Copyable, Sendable {
    /// Where bytes come out.
    public let reading: Descriptor
    /// Where bytes go in.
    public let writing: Descriptor

    /// A new pipe, close-on-exec at both ends, that holds about `size` bytes where the kernel grants it.
    public init(size: Int? = nil) throws(SystemError) {
        var numbers: (CInt, CInt) = (-1, -1)
        try attempt("pipe") { clinux_pipe(&numbers.0, &numbers.1) }
        // pipe(7): a refusal leaves the kernel's 64 KiB, which only means more calls.
        if let size { _ = clinux_set_pipe_size(numbers.0, CInt(clamping: size)) }
        reading = Descriptor(number: numbers.0)
        writing = Descriptor(number: numbers.1)
    }

    /// Keeps the end where bytes come out and closes the other.
    public consuming func keepReading() -> Descriptor { reading }

    /// Keeps the end where bytes go in and closes the other.
    public consuming func keepWriting() -> Descriptor { writing }

    /// Hands both open ends to the caller, who closes them.
    public consuming func release() -> (reading: CInt, writing: CInt) {
        (reading.release(), writing.release())
    }
}
