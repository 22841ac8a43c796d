// SPDX-License-Identifier: Apache-2.0
import Engine

/// What dsh's own commands print as their result.
extension Text {
    static let nothingToMend = Text("nothing to mend", "고칠 것이 없습니다")
    static let mended = Text("mended", "고쳤습니다")
    static let notMended = Text("not mended", "고치지 않았습니다")

    static func found(_ kind: CheckFinding.Kind) -> Text {
        switch kind {
        case .orphanedLayer: Text("layer that no image uses", "어느 이미지도 쓰지 않는 층")
        case .orphanedBlob: Text("blob that no image uses", "어느 이미지도 쓰지 않는 조각")
        case .missingLayer: Text("layer that is missing", "사라진 층")
        case .orphanedContainerDirectory: Text("directory of no container", "주인 없는 컨테이너 디렉터리")
        case .staleMount: Text("mount that was left", "남아 있는 마운트")
        case .deadMonitor: Text("container whose monitor died", "감시자가 죽은 컨테이너")
        case .unsettledContainer: Text("container whose end was not seen to", "뒷정리가 안 된 컨테이너")
        case .leakedAddress: Text("address that nobody holds", "아무도 쓰지 않는 주소")
        case .leakedInterface: Text("network interface that was left", "남아 있는 네트워크 인터페이스")
        case .leakedRule: Text("firewall rule that was left", "남아 있는 방화벽 규칙")
        case .leakedCgroup: Text("cgroup that was left", "남아 있는 cgroup")
        case .damagedDatabase: Text("damaged database", "망가진 데이터베이스")
        case .halfMadeFile: Text("file that was never finished", "쓰다 만 파일")
        }
    }

    static let formatIsIgnored = Text(
        "WARNING: Ignoring custom format, because both --format and --quiet are set.",
        "WARNING: --format과 --quiet을 함께 주어서 --format은 쓰지 않습니다.")

    static let nothingBefore = Text("nothing was current before", "앞서 고른 것이 없습니다")
    static let nothing = Text("none", "없음")
    static let imageWord = Text("image", "이미지")
    static let containerWord = Text("container", "컨테이너")

    static let loadNeedsFile = Text(
        "Name an archive: load -i FILE, or load < FILE", "보관 파일을 적으세요: load -i 파일, 또는 load < 파일")

    static func addressIsNotThereYet(_ address: String) -> Text {
        Text("\(address): reading from an address is not there yet", "\(address): 주소에서 바로 읽는 기능은 아직 없습니다")
    }

    static let downloadFirst = Text("Download it first and name the file", "먼저 내려받은 뒤 그 파일을 적으세요")
}
