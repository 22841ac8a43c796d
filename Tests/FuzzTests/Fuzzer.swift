// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import TestSupport
import Testing

/// Tries inputs that nobody would make: real ones from `Corpus/`, changed by lot.
///
/// `DSH_FUZZ_SECONDS` says how long each subject is tried (2 otherwise), `DSH_FUZZ_SEED` draws the same again. The input
/// that is being tried stands in `/tmp/dsh-fuzz/SUBJECT`, so that one that ends the process is not lost: it belongs into
/// the corpus.
struct Fuzzer {
    let subject: String
    private(set) var random: Lot
    private let seed: UInt64
    private let samples: [[UInt8]]
    /// What means something to the subject.
    private let tokens: [[UInt8]]
    private let end: ContinuousClock.Instant

    private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
    /// Enough of any subject.
    private static let most = 1_000_000
    private static let longest = 64 << 10

    /// - Parameter made: samples beside those of the corpus.
    init(_ subject: String, made: [[UInt8]] = [], tokens: [String] = []) throws {
        self.subject = subject
        seed = Self.number("DSH_FUZZ_SEED") ?? UInt64.random(in: 1...999_999)
        random = Lot(seed: seed)
        samples = try Self.corpus(subject) + made
        self.tokens = tokens.map { Array($0.utf8) }
        end = ContinuousClock.now + .seconds(Int(Self.number("DSH_FUZZ_SECONDS") ?? 2))
    }

    private static func corpus(_ subject: String) throws -> [[UInt8]] {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Corpus/\(subject)")
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted().map {
            [UInt8](try Data(contentsOf: directory.appendingPathComponent($0)))
        }
    }

    /// Tries every sample as it is, then changed ones until a million or the time is over.
    ///
    /// - Parameters:
    ///   - repair: makes what was changed plausible again, as a checksum does.
    ///   - accept: true where the input was taken, false where it was refused; anything else is a finding of its own.
    mutating func run(
        repair: (inout [UInt8], inout Lot) -> Void = { _, _ in }, _ accept: ([UInt8]) throws -> Bool
    ) throws {
        let record = try LastInput(subject)
        var (tried, accepted) = (0, 0)
        var slowest = Duration.zero
        while tried < Self.most, tried < samples.count || ContinuousClock.now < end {
            var input = tried < samples.count ? samples[tried] : changed()
            if tried >= samples.count, Int.random(in: 0..<8, using: &random) > 0 { repair(&input, &random) }
            record.keep(input)
            let begin = ContinuousClock.now
            if try accept(input) { accepted += 1 }
            let time = ContinuousClock.now - begin
            if time > .seconds(5) { Issue.record("\(subject), seed \(seed), input \(tried): took \(time)") }
            slowest = max(slowest, time)
            tried += 1
        }
        print("\(subject): seed \(seed), \(tried) inputs, \(accepted) accepted, the slowest took \(slowest)")
        #expect(accepted > 0, "nothing was accepted: nothing was tried")
    }

    private mutating func changed() -> [UInt8] {
        var bytes = samples[Int.random(in: 0..<samples.count, using: &random)]
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes) }
        if bytes.count > Self.longest { bytes.removeLast(bytes.count - Self.longest) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let length = min(
            Int.random(in: 0...(Bool.random(using: &random) ? 8 : 600), using: &random), bytes.count - place)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 1:
            if place < bytes.count {
                bytes[place] = [0, 1, 0x7f, 0x80, 0xff, 0x30, 0x37][Int.random(in: 0..<7, using: &random)]
            }
        case 2: bytes.removeSubrange(place..<place + length)
        case 3:
            bytes.insert(
                contentsOf: Array(bytes[place..<place + length]), at: Int.random(in: 0...bytes.count, using: &random))
        case 4: bytes.removeSubrange(place...)
        case 5:
            let other = samples[Int.random(in: 0..<samples.count, using: &random)]
            let start = Int.random(in: 0...other.count, using: &random)
            bytes.insert(contentsOf: other[start..<min(start + length, other.count)], at: place)
        case 6: for index in place..<place + min(length, 8) { bytes[index] = UInt8.random(in: 0...255, using: &random) }
        default:
            if let token = tokens.randomElement(using: &random) { bytes.insert(contentsOf: token, at: place) }
        }
    }
}

/// A file that always holds the latest input, also when the process is gone.
private final class LastInput {
    private let memory: UnsafeMutableRawPointer
    private let descriptor: CInt
    private static let size = 1 << 20

    init(_ subject: String) throws {
        mkdir("/tmp/dsh-fuzz", 0o700)
        descriptor = open("/tmp/dsh-fuzz/\(subject)", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, Self.size) == 0,
            let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else { throw CocoaError(.fileWriteUnknown) }
        self.memory = memory
    }

    /// Its size in eight bytes, then the input.
    func keep(_ input: [UInt8]) {
        memory.storeBytes(of: UInt64(input.count), as: UInt64.self)
        input.withUnsafeBytes {
            (memory + 8).copyMemory(
                from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: min($0.count, Self.size - 8))
        }
    }

    deinit {
        munmap(memory, Self.size)
        close(descriptor)
    }
}
