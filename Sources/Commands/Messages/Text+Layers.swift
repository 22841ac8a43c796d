// SPDX-License-Identifier: Apache-2.0
import Engine

/// What is said about layers.
extension Text {
    static func layers(_ count: Int) -> Text {
        count == 1 ? Text("1 layer", "레이어 1개") : Text("\(count) layers", "레이어 \(count)개")
    }

    static func ofWhichShared(_ size: String) -> Text {
        Text("of which \(size) are shared with other images", "그중 \(size)는 다른 이미지와 함께 씁니다")
    }

    static func imageHasNoLayers(_ image: String) -> Text {
        Text("\(image) has no layers: there is no file in it", "\(image)에는 레이어가 없습니다. 파일이 하나도 없습니다")
    }

    static func alsoIn(_ images: [String]) -> Text {
        let list = images.joined(separator: ", ")
        return Text("also in \(list)", "함께 쓰는 이미지: \(list)")
    }

    static func layerChangesNothing(_ number: Int) -> Text {
        Text("Layer \(number) changes no files", "\(number)번 레이어는 파일을 바꾸지 않습니다")
    }

    static func pathIsFrom(_ path: String, layer: Int) -> Text {
        Text("\(path) is from layer \(layer)", "\(path): \(layer)번 레이어에서 왔습니다")
    }

    static func pathIsMerged(_ path: String, _ count: Int) -> Text {
        Text("\(path) is a directory that \(count) layers put files in", "\(path): 레이어 \(count)개가 파일을 넣은 디렉터리입니다")
    }

    static func pathIsRemoved(_ path: String, layer: Int) -> Text {
        Text(
            "\(path) was removed by layer \(layer); it still takes room in the layers below",
            "\(path): \(layer)번 레이어가 지웠습니다. 아래 레이어에서는 여전히 자리를 차지합니다")
    }

    static func pathIsReached(_ asked: String, _ path: String) -> Text {
        Text("  (\(asked) leads there by a link)", "  (\(asked)은(는) 링크를 따라 이곳을 가리킵니다)")
    }

    static func imageCannotBeChanged(_ image: String) -> Text {
        Text(
            "\(image) is an image, which cannot be changed: copy into a container of it",
            "\(image)은(는) 이미지라서 바꿀 수 없습니다. 컨테이너를 만들어 그 안으로 복사하세요")
    }

    static func containerIsTaken(_ name: String) -> Text {
        Text(
            "\(name) is a container and an image; the container is meant",
            "\(name)은(는) 컨테이너이자 이미지입니다. 컨테이너로 봅니다")
    }
}
