// SPDX-License-Identifier: Apache-2.0
import Commands
import ShellLanguage

extension SyntaxError.Reason {
    /// The mistake in one sentence, in every language.
    var sentence: Text { Text(description, korean) }

    private var korean: String {
        switch self {
        case .unclosedQuote(let quote): "여기서 연 따옴표 \(quote) 가 닫히지 않았습니다"
        case .unclosedParenthesis: "여기서 연 ( 가 닫히지 않았습니다"
        case .unclosedBrace: "여기서 연 ${ 가 } 로 닫히지 않았습니다"
        case .danglingBackslash: "맨 끝의 \\ 뒤에 이어질 것이 없습니다"
        case .nothingAfter(let mark): "\(mark) 뒤에 명령이 와야 합니다"
        case .unexpected(let mark): "\(mark) 는 여기에 올 수 없습니다"
        case .noFile(let mark): "\(mark) 뒤에 파일 이름이 와야 합니다"
        case .noSuchDescriptor(let text): "\(text): 0, 1, 2번 흐름만 돌릴 수 있습니다"
        case .hereDocument: "<< 는 아직 없습니다. 글을 파일에 담아 < 파일 이라고 쓰세요"
        case .pipeOfBothStreams: "|& 는 없습니다. 2>&1 | 라고 쓰세요"
        case .block(let word): "\(word): 블록(if, for, while, 함수, { })은 dsh의 다음 판에서 들어옵니다"
        case .group: "( ) 로 묶은 명령은 dsh의 다음 판에서 들어옵니다"
        case .function(let name): "\(name)(): 함수는 dsh의 다음 판에서 들어옵니다"
        case .assignment(let name): "변수는 set 명령으로 정합니다: set \(name)=값"
        case .backquotes: "` ` 대신 $(명령) 이라고 쓰세요"
        case .unknownVariable(let text): "\(text) 는 dsh의 변수가 아닙니다"
        case .unknownEscape(let text): "\(text) 는 $'…' 안에서 뜻이 없습니다"
        case .nothingForContainer: "@ 뒤에 컨테이너에서 실행할 명령이 와야 합니다"
        case .nothingForHost: "! 뒤에 이 컴퓨터에서 실행할 명령이 와야 합니다"
        case .nothingToExpect: "expect 뒤에 명령이 와야 합니다"
        case .noStatus(let text): "\(text): 상태는 0부터 255까지의 수입니다"
        case .secondStatus: "expect에는 status를 한 번만 적습니다"
        case .notText: "UTF-8 글이 아닙니다"
        }
    }
}
