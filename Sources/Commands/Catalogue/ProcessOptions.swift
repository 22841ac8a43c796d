// SPDX-License-Identifier: Apache-2.0

/// The options of the program itself, which stand before the command: what help and the manual page say about them. The
/// program reads them before there is a session.
enum ProcessOptions {
    /// One of them.
    struct Option: Sendable {
        let name: String
        let value: String
        let summary: Text
    }

    static let all = [
        Option(
            name: "root", value: "DIRECTORY",
            summary: Text("Where images and containers are kept, instead of DSH_ROOT", "이미지와 컨테이너를 둘 곳 (DSH_ROOT 대신)")),
        Option(
            name: "run-root", value: "DIRECTORY",
            summary: Text("Where sockets and locks are, instead of DSH_RUN", "소켓과 잠금 파일을 둘 곳 (DSH_RUN 대신)")),
    ]
}
