// SPDX-License-Identifier: Apache-2.0

import CSeccomp
import Engine
import Glibc

/// Keeps compiled seccomp programs: compiling takes milliseconds, reading one microseconds.
struct SeccompStore: Sendable {
    /// `DSH_ROOT/seccomp`.
    let directory: String

    /// The program for a container with these capabilities, compiled if it is not there yet.
    ///
    /// - Throws: `.system` when libseccomp refuses. A store that cannot be written costs time only.
    func program(for capabilities: CapabilitySet) throws(EngineError) -> [UInt8] {
        let path = "\(directory)/\(key(capabilities))"
        if let kept = SmallFile.read(path), !kept.isEmpty, kept.count % 8 == 0 { return kept }
        let program = try SeccompCompiler.program(for: capabilities)
        mkdir(directory, 0o700)
        // Failing to keep it is fine: the next container compiles it again.
        try? SmallFile.replace(path, with: program)
        return program
    }

    /// Whatever a program depends on.
    private func key(_ capabilities: CapabilitySet) -> String {
        #if arch(x86_64)
            let architecture = "amd64"
        #elseif arch(arm64)
            let architecture = "arm64"
        #endif
        let library = seccomp_version().pointee
        return "\(SeccompProfile.version)-\(architecture)-\(String(capabilities.bits, radix: 16))"
            + "-\(library.major).\(library.minor).\(library.micro)"
    }
}
