// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Engine
import Terminal

/// `cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-` and the other way round; `cp IMAGE:SRC_PATH DEST_PATH|-`.
struct CopyCommand: EngineCommand {
    static let declaration = CommandDeclaration(
        "cp", "container cp",
        usage: "[OPTIONS] CONTAINER:SRC_PATH|IMAGE:SRC_PATH DEST_PATH|- | SRC_PATH|- CONTAINER:DEST_PATH",
        summary: Text(
            "Copy files/folders between a container and the local filesystem", "컨테이너와 내 컴퓨터 사이에 파일을 복사합니다"),
        details: Text(
            """
            A path that ends in /. means what is in the directory. - is a tar archive on standard output or input.
            In the shell, :PATH is in the current container. A file of an image is taken out without a container:
            IMAGE:PATH; where a container has the same name, the container is meant.
            """,
            """
            /.으로 끝나는 경로는 디렉터리 안의 것들을 뜻합니다. -는 표준 출력이나 표준 입력의 tar 보관 파일입니다.
            셸에서 :경로는 지금 컨테이너 안의 경로입니다. 이미지:경로로 컨테이너 없이 이미지의 파일을 꺼낼 수 있습니다.
            이름이 같은 컨테이너가 있으면 컨테이너에서 복사합니다.
            """),
        arguments: .init(2, 2, .copyPlaces), flags: [.archive, .followLink, .quietCopy])

    @Flag(.archive) var keepsOwners = false
    @Flag(.followLink) var followsLink = false
    @Flag(.quietCopy) var quiet = false
    @Argument var places: [String] = []

    func run(in session: Session) async throws {
        let source = try await place(places[0], archive: session.streams.input, in: session)
        let target = try await place(places[1], archive: session.output.descriptor ?? 1, in: session)
        try check(source, target, in: session)
        var request = CopyRequest(source: source, target: target, directory: session.directory)
        request.followsLink = followsLink
        request.keepsOwners = keepsOwners
        try session.output.flush()
        let report = try await session.engine.containers.copy(request)
        // Docker says it to a person only.
        guard !quiet, session.output.isTerminal else { return }
        let size = report.bytes.decimalText(precision: 4)
        session.error.line("Successfully copied \(size) to \(places[1])")
    }

    /// Docker's rule: what begins with `/` or `.` is the host's, otherwise the first colon ends a container's name.
    private func place(_ text: String, archive: Int32, in session: Session) async throws -> CopyRequest.Place {
        if text == "-" { return .archive(archive) }
        guard !text.hasPrefix("/"), !text.hasPrefix("."), let colon = text.firstIndex(of: ":") else {
            return .host(text)
        }
        let name = text[..<colon]
        let path = String(text[text.index(after: colon)...])
        if name.isEmpty { return .container(try session.orCurrent(ContainerName?.none), path) }
        return try await session.copyPlace(text, orContainer: ContainerName(name), path)
    }

    private func check(_ source: CopyRequest.Place, _ target: CopyRequest.Place, in session: Session) throws {
        switch (source, target) {
        case (_, .image(let name, _)):
            throw UsageError(sentence: .imageCannotBeChanged(name.text), pointer: .none, status: 1)
        case (.container, .container), (.image, .container):
            throw UsageError.refused("copying between containers is not supported", status: 1)
        case (.container, .archive) where session.output.isTerminal, (.image, .archive) where session.output.isTerminal:
            throw UsageError.refused(
                "refusing to write an archive to a terminal: redirect it, cp … - > FILE", status: 1)
        case (.archive, .container) where session.streams.inputIsTerminal:
            throw UsageError.refused(
                "refusing to read an archive from a terminal: redirect it, cp - … < FILE", status: 1)
        case (.container, _), (_, .container), (.image, _): break
        default:
            throw UsageError.refused("must specify at least one container source", hint: .copyNeedsColon, status: 1)
        }
    }
}

extension FlagDeclaration {
    fileprivate static let archive = FlagDeclaration(
        "archive", "a", .none, Text("Archive mode (copy all uid/gid information)", "주인(uid/gid)까지 그대로 복사합니다"))
    fileprivate static let followLink = FlagDeclaration(
        "follow-link", "L", .none, Text("Always follow symbol link in SRC_PATH", "원본이 링크이면 가리키는 것을 복사합니다"))
    fileprivate static let quietCopy = FlagDeclaration(
        "quiet", "q", .none, Text("Suppress progress output during copy", "복사 결과를 말하지 않습니다"))
}
