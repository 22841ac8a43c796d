// SPDX-License-Identifier: Apache-2.0
import Engine

/// Why a step of a build is taken from the cache, or done anew.
extension Text {
    /// What is said below a step: where the cache ends always, of the others only where it was asked for.
    static func explanation(of reason: CacheReason, at step: Int, always: Bool) -> Text? {
        if reason.endsCache { return cacheEnds(step, because(reason)) }
        return always ? because(reason) : nil
    }

    private static func cacheEnds(_ step: Int, _ reason: Text) -> Text {
        Text("Cache ends here, step \(step): ", "캐시는 여기까지, step \(step): ").joined(reason)
    }

    /// The reason in a few words: in English those of the engine.
    static func because(_ reason: CacheReason) -> Text { Text("\(reason)", korean(reason)) }

    private static func korean(_ reason: CacheReason) -> String {
        switch reason {
        case .unchanged(let files?): "파일 \(files)개가 그대로입니다"
        case .unchanged: "영향을 주는 것이 모두 그대로입니다"
        case .notUsed: "캐시를 쓰지 않습니다"
        case .first: "이 Dockerfile을 여기까지 빌드한 적이 없습니다"
        case .added: "새로 적은 명령입니다"
        case .edited(let former): "명령이 바뀌었습니다. 전에는: \(former)"
        case .removed(let former): "앞에 있던 명령이 없어졌습니다: \(former)"
        case .base(let name): "\(name)이(가) 전과 다른 이미지입니다"
        case .files(let changes):
            (changes.first.map(korean) ?? "") + (changes.count > 1 ? ", 그 밖에 \(changes.count - 1)개" : "")
        case .variable(let name, nil, _): "\(name)이(가) 전에는 없었습니다"
        case .variable(let name, _, nil): "\(name)이(가) 없어졌습니다"
        case .variable(let name, let former?, let now?): "\(name) 바뀜: \(former) → \(now)"
        case .setting(let name, let former, let now):
            former.contains("\n") || now.contains("\n")
                ? "\(name) 바뀜"
                : "\(name) 바뀜: \(former.isEmpty ? "없음" : former) → \(now.isEmpty ? "없음" : now)"
        case .below(let step): "step \(step)를 다시 했으므로, 그 위에 쌓는 이 단계도 다시 합니다"
        case .forgotten: "캐시에서 레이어가 지워졌습니다"
        }
    }

    private static func korean(_ change: CacheReason.FileChange) -> String {
        let path = change.path
        return switch change.kind {
        case .isNew: "\(path) 새로 생김"
        case .isGone: "\(path) 없어짐"
        case .contents: "\(path) 바뀜: 내용"
        case .target: "\(path) 바뀜: 링크가 가리키는 곳"
        case .kind: "\(path) 바뀜: 파일의 종류"
        case .size(let before, let now): "\(path) 바뀜: 크기 \(before) → \(now)"
        case .mode(let before, let now): "\(path) 바뀜: 권한 \(String(before, radix: 8)) → \(String(now, radix: 8))"
        case .owner(let before, let now): "\(path) 바뀜: 주인 \(before) → \(now)"
        }
    }

    private func joined(_ other: Text) -> Text { Text(english + other.english, korean + other.korean) }
}
