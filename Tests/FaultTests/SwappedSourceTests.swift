// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import TestSupport
import Testing

@testable import Monitor

/// Whoever writes in the directory above a volume's source puts a link in its place while a container starts.
struct SwappedSourceTests {
    @Test(arguments: ["shared/source", "link", "shared/source/below"])
    func `the start is refused, and nothing of where the link leads is seen`(source: String) async throws {
        try await FaultGround.scoped { ground in
            let files = ground.dsh.roots.files
            try ground.dsh.roots.write("secret\n", to: "elsewhere/below/file")
            try ground.dsh.roots.write("open\n", to: "shared/source/below/file")
            // One of the person's own is followed, when dsh looks.
            symlink("shared/source", files + "/link")
            let words = ["run", "--rm", "-v", "\(files)/\(source):/v", "starter", "sh", "-c", "cat /v/file /v/*/file"]
            let ready = try await ground.dsh.program(words).run()
            #expect(ready.text == "open\n", "\(ready.errorText)")

            let stopped = ground.dsh(with: "\(MonitorStep.clone.name):stop")
            let running = try stopped.program(words).start(on: .pipes)
            defer { running.end() }
            var monitor: Int32 = 0
            try await until("the supervisor stops before it makes the container") {
                monitor = ground.monitors.first(where: FaultGround.isStopped) ?? 0
                return monitor > 0
            }
            try #require(rename(files + "/shared/source", files + "/shared/before") == 0)
            try #require(symlink("../elsewhere", files + "/shared/source") == 0)
            kill(monitor, SIGCONT)
            let result = try await running.waitForEnd()
            #expect(result.status == 125 && result.text.isEmpty, "\(result.status): \(result.text)")
            #expect(result.sentences == 1 && result.errorText.contains("shared/source"), "\(result.errorText)")
        }
    }
}
