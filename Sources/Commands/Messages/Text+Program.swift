// SPDX-License-Identifier: Apache-2.0

/// What the program itself says, before any command is run.
extension Text {
    /// For now the engine needs root; the line does the same with `sudo`.
    public static func needsRoot(_ line: String) -> Text {
        Text(
            "dsh runs as root for now, since it makes namespaces, mounts and a bridge. Type: \(line)",
            "dsh는 네임스페이스와 마운트와 브리지를 만들기 때문에 지금은 root로 실행해야 합니다. 이렇게 치세요: \(line)")
    }

    /// A global flag came without its value.
    public static func flagNeedsPath(_ flag: String) -> Text {
        Text("\(flag) needs an absolute path", "\(flag)에는 절대 경로가 필요합니다")
    }
}
