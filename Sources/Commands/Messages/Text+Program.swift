// SPDX-License-Identifier: Apache-2.0

/// What the program itself says, before any command is run.
extension Text {
    /// For now the engine needs root; the line does the same with `sudo`.
    public static func needsRoot(_ line: String) -> Text {
        Text(
            "dsh runs as root for now, since it makes namespaces, mounts and a bridge. Type: \(line)",
            "dsh는 네임스페이스와 마운트와 브리지를 만들기 때문에 지금은 root로 실행해야 합니다. 이렇게 치세요: \(line)")
    }

    /// The process may open too few files to do anything at all.
    public static func needsMoreOpenFiles(_ count: UInt) -> Text {
        Text(
            "Too many open files: dsh needs 16 at least, and may have \(count) here. Type: ulimit -n 1024",
            "열 수 있는 파일이 너무 적습니다 (Too many open files): dsh는 적어도 16개가 필요한데 여기서는 \(count)개만 열 수 있습니다. 이렇게 치세요: ulimit -n 1024"
        )
    }

    /// A global flag came without its value.
    public static func flagNeedsPath(_ flag: String) -> Text {
        Text("\(flag) needs an absolute path", "\(flag)에는 절대 경로가 필요합니다")
    }
}
