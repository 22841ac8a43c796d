// SPDX-License-Identifier: Apache-2.0

import Archive
import Dockerfile
import Engine
import Glibc
import Linux
import MonitorProtocol
import OCI

/// Files of one ADD that were downloaded, in a directory of their own.
struct DownloadedFiles: Sendable {
    let scratch: BuildScratch
    var files = CopiedFiles()

    /// The tree that the files are in.
    func tree() throws -> SourceTree {
        SourceTree(root: try Descriptor(opening: scratch.files.upper, O_RDONLY | O_DIRECTORY))
    }
}

extension StepWork {
    /// A source of ADD that is an address, and the name that its file gets.
    struct Address: Sendable {
        let text: String
        let name: String
    }

    /// The sources that are addresses; COPY has none, and takes what looks like one for a path.
    func addresses(of copy: FileCopy, isAdd: Bool) throws -> [Address] {
        guard isAdd else { return [] }
        return try copy.paths.compactMap { path in
            switch CopyLocation(path.text) {
            case .local: return nil
            case .git:
                throw FileCopying.Conflict(
                    sentence: "ADD of the repository \(path.text) is not there: clone it first, and COPY its directory")
            case .url(let name):
                _ = try WebAddress(path.text)
                return Address(text: path.text, name: name)
            }
        }
    }

    /// The SHA-256 that `--checksum` gives, 64 digits.
    func checksum(of copy: FileCopy, _ addresses: [Address]) throws -> String? {
        guard let text = copy.checksum?.text, !text.isEmpty else { return nil }
        guard addresses.count == 1, copy.sources.count == 1 else {
            throw FileCopying.Conflict(sentence: "checksum requires exactly one source that is downloaded")
        }
        let digits = text.dropFirst("sha256:".count)
        guard text.hasPrefix("sha256:"), digits.utf8.count == 64,
            digits.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || ($0 >= 97 && $0 <= 102) })
        else { throw FileCopying.Conflict(sentence: "invalid checksum \(text): it is sha256: and 64 digits") }
        return String(digits)
    }

    /// What is known of a file whose checksum is given: enough for the key, so that what is in the cache needs no network.
    func promised(_ address: Address, _ checksum: String) -> CopiedFiles {
        var file = CopiedFile()
        file.mode = UInt32(S_IFREG) | 0o600
        file.content = Array(checksum.utf8)
        let name = Array(address.name.utf8)
        var files = CopiedFiles()
        files.sources = [CopiedSource(name: name, place: name, files: [file])]
        return files
    }

    /// Downloads all of them.
    func download(_ addresses: [Address], checksum: String?) async throws -> DownloadedFiles {
        let containers = builds.containers
        return try await StepThread.run { work in
            var downloaded = DownloadedFiles(scratch: try BuildScratch(containers, over: []))
            let root = try Descriptor(opening: downloaded.scratch.files.upper, O_RDONLY | O_DIRECTORY)
            for (number, address) in addresses.enumerated() {
                let (place, directory) = ("\(number)/\(address.name)", root.number)
                try attempt("mkdir \(number)") { mkdirat(directory, "\(number)", 0o700) }
                let file = try Descriptor(
                    opening: place, in: directory, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
                let download = try Download(address.text, to: file, work.interrupt)
                if let checksum, checksum != download.digest {
                    throw FileCopying.Conflict(
                        sentence: "digest mismatch sha256:\(download.digest): sha256:\(checksum) of \(address.text)")
                }
                // Without a date of the server's, the file has none of its own.
                let time = timespec(tv_sec: Int(download.modified ?? 0), tv_nsec: 0)
                try attempt("set the times of \(place)") { futimens(file.number, [time, time]) }
                var facts = stat()
                try attempt("stat \(place)") { fstat(file.number, &facts) }
                var copied = CopiedFile(path: [], facts)
                copied.content = Array(download.digest.utf8)
                downloaded.files.sources.append(
                    CopiedSource(name: Array(address.name.utf8), place: Array(place.utf8), files: [copied]))
            }
            return downloaded
        }
    }
}
