// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import MonitorProtocol

extension Launch {
    /// Enters the working directory, as root; a new container gets it made.
    func enterDirectory() throws(StartFailure) {
        let path = description.process.directory
        if description.kind == .container {
            do throws(SystemError) {
                try FileNode.makeDirectories(path)
            } catch {
                // A file in its place is told below, in Docker's words.
                if error.number != ENOTDIR && error.number != EEXIST { throw StartFailure(.enterDirectory, error) }
            }
        }
        guard chdir(path) < 0 else { return try confirmDirectory() }
        let number = errno
        if description.kind == .container, number == ENOTDIR {
            throw StartFailure(
                .enterDirectory, .engine, number: number, "Cannot mkdir: \(path) is not a directory")
        }
        throw StartFailure(
            .enterDirectory, number == ENOENT ? .notFound : .cannotInvoke, number: number,
            "chdir to cwd (\"\(path)\") set in config.json failed: \(Self.reason(number))")
    }

    /// Whatever a path may have led through, what was entered lies below the root: getcwd(2) calls it unreachable
    /// otherwise, which the C library reports as ENOENT.
    private func confirmDirectory() throws(StartFailure) {
        guard let path = getcwd(nil, 0) else {
            guard errno == ENOENT else { return }
            throw StartFailure(
                .enterDirectory, .engine, number: EPERM,
                "current working directory is outside of container mount namespace root -- possible container breakout "
                    + "detected")
        }
        free(path)
    }

    /// Becomes the program.
    func execute() throws(StartFailure) {
        let process = description.process
        guard let name = process.arguments.first else {
            throw StartFailure(.execute, .engine, "no command specified")
        }
        var environment = process.environment
        if !environment.contains(where: { $0.hasPrefix("HOME=") && $0 != "HOME=" }) {
            environment.removeAll { $0 == "HOME=" }
            environment.append("HOME=\(user.home)")
        }
        let search = environment.last { $0.hasPrefix("PATH=") }?.dropFirst(5)
        let path = try Self.find(name, in: search ?? "")
        let words: CStrings
        let program: String
        if description.kind == .container, description.initProgram != nil {
            program = Self.initPath
            words = CStrings([Self.initPath, "--", path] + process.arguments)
        } else {
            program = path
            words = CStrings(process.arguments)
        }
        let variables = CStrings(environment)
        do throws(SystemError) { try channel.say(.aboutToExecute) } catch { throw StartFailure(.execute, error) }
        execve(program, words.pointers, variables.pointers)
        throw Self.refusal(of: program, errno)
    }

    /// Go's `exec.LookPath`, whose errors people know.
    private static func find(_ name: String, in search: Substring) throws(StartFailure) -> String {
        if name.contains("/") {
            if let (number, isStat) = obstacle(to: name) {
                let what = isStat ? "stat \(name): \(reason(number))" : reason(number)
                let cause: StartFailure.Cause = number == ENOENT ? .notFound : .cannotInvoke
                throw StartFailure(.execute, cause, number: number, "exec: \"\(name)\": \(what)")
            }
            return name
        }
        for directory in search.split(separator: ":", omittingEmptySubsequences: false) where !name.isEmpty {
            let path = directory.isEmpty ? "./\(name)" : "\(directory)/\(name)"
            if obstacle(to: path) == nil { return path }
        }
        throw StartFailure(
            .execute, .notFound, number: ENOENT, "exec: \"\(name)\": executable file not found in $PATH")
    }

    /// Why a file is no program; whether stat(2) itself said so.
    private static func obstacle(to path: String) -> (number: CInt, isStat: Bool)? {
        var status = stat()
        if stat(path, &status) < 0 { return (errno, true) }
        if status.st_mode & S_IFMT == S_IFDIR { return (EISDIR, false) }
        // The effective user counts: faccessat(2), AT_EACCESS. A filter that refuses the question leaves the bits.
        if faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 { return nil }
        let number = errno
        if number == ENOSYS || number == EPERM { return status.st_mode & 0o111 != 0 ? nil : (EACCES, false) }
        return (number, false)
    }

    /// What execve(2) had against a file that exists.
    private static func refusal(of path: String, _ number: CInt) -> StartFailure {
        var failure = StartFailure(
            .execute, number == ENOENT ? .notFound : .cannotInvoke, number: number, "exec \(path): \(reason(number))")
        // The file exists, so what is missing is what it names.
        if number == ENOENT || number == EACCES || number == ELOOP || number == ENOTDIR, let file = ProgramFile(path) {
            failure.interpreter = file.interpreter ?? ""
            failure.isLoader = !file.isScript
        }
        if number == ENOEXEC { failure.processor = ProgramFile(path)?.processor ?? "" }
        return failure
    }

    /// The kernel's reason as Go writes it.
    private static func reason(_ number: CInt) -> String {
        let text = SystemError(step: "", number: number).reason
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

/// The beginning of an executable file.
struct ProgramFile {
    private let head: [UInt8]

    /// Reads the file, where this process may.
    init?(_ path: String) {
        // What may be executed need not be readable; then there is nothing to tell.
        guard let file = try? Descriptor(opening: path, O_RDONLY | O_NOCTTY | O_NONBLOCK) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { pread(file.number, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return nil }
        self.init(head: Array(bytes[..<count]))
    }

    init(head: [UInt8]) { self.head = head }

    var isScript: Bool { head.starts(with: [UInt8(ascii: "#"), UInt8(ascii: "!")]) }

    /// The processor that an ELF file is for, in Go's words, or by its number in elf(5); `nil` for other files.
    var processor: String? {
        guard head.count > 20, head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { return nil }
        // EI_DATA: 2 is the other order of bytes.
        let machine = head[5] == 2 ? number(at: 18, as: UInt16.self).byteSwapped : number(at: 18, as: UInt16.self)
        switch machine {
        case 3: return "386"
        case 8: return "mips"
        case 21: return "ppc64"
        case 22: return "s390x"
        case 40: return "arm"
        case 62: return "amd64"
        case 183: return "arm64"
        case 243: return "riscv64"
        case 258: return "loong64"
        default: return "ELF machine \(machine)"
        }
    }

    /// The interpreter that a script's first line names, or the loader that an ELF file names; `nil` where there is
    /// none. A carriage return at its end is kept: it is what the kernel looked for.
    var interpreter: String? {
        if isScript {
            let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
            let name = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.prefix {
                $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != 0
            }
            return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
        }
        return loader
    }

    /// elf(5): the first program header of the type PT_INTERP (3); 64-bit little-endian files only.
    private var loader: String? {
        guard head.count > 64, head.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return nil }
        let table = Int(number(at: 32, as: UInt64.self))
        let size = Int(number(at: 54, as: UInt16.self))
        let count = Int(number(at: 56, as: UInt16.self))
        for index in 0..<count {
            let entry = table &+ index &* size
            guard entry >= 0, entry + 40 <= head.count else { return nil }
            guard number(at: entry, as: UInt32.self) == 3 else { continue }
            let start = Int(truncatingIfNeeded: number(at: entry + 8, as: UInt64.self))
            guard start > 0, start < head.count else { return nil }
            return String(decoding: head[start...].prefix { $0 != 0 }, as: UTF8.self)
        }
        return nil
    }

    private func number<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type) -> Value {
        head.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
    }
}
