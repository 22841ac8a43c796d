// SPDX-License-Identifier: Apache-2.0
import OCI
import Testing

@testable import Dockerfile

struct VariablesTests {
    /// Goes through the last stage and gives back its instructions and variables.
    func run(
        _ text: String, arguments: [String: String] = [:], environment: [String] = []
    ) throws -> (instructions: [Instruction], variables: StageVariables) {
        let document = try document(text)
        let inputs = BuildInputs(
            arguments: arguments, buildPlatform: Platform(os: "linux", architecture: "amd64"),
            targetPlatform: Platform(os: "linux", architecture: "arm64", variant: "v8"))
        let global = try GlobalArguments(document, inputs)
        var variables = StageVariables(environment: environment, global: global, directives: document.directives)
        var instructions: [Instruction] = []
        for instruction in try #require(document.stages.last).instructions {
            instructions.append(try variables.apply(instruction).instruction)
        }
        return (instructions, variables)
    }

    @Test(
        arguments: [
            ("ARG v=1\nFROM a\nENV r=[$v]", [:], "[]"), ("ARG v=1\nFROM a\nARG v\nENV r=[$v]", [:], "[1]"),
            ("ARG v=1\nFROM a\nARG v\nENV r=[$v]", ["v": "2"], "[2]"),
            ("ARG v=1\nFROM a\nARG v=3\nENV r=[$v]", [:], "[3]"),
            ("ARG v=1\nFROM a\nARG v=3\nENV r=[$v]", ["v": "2"], "[2]"), ("FROM a\nENV r=[$v]", ["v": "2"], "[]"),
            ("FROM a\nARG v\nENV r=[$v]", [:], "[]"), ("FROM a\nARG v=x w=$v-y\nENV r=$w", [:], "x-y"),
            ("FROM a\nARG v=1\nENV v=2\nENV r=$v", ["v": "3"], "2"), ("FROM a\nENV v=2\nARG v=3\nENV r=$v", [:], "3"),
            ("FROM a\nENV a=1\nENV a=2 r=$a", [:], "1"), ("FROM a\nENV r=$BASE", [:], "b"),
            ("FROM a\nENV r=$PATH", [:], "/bin"),
            ("FROM a\nENV r=$TARGETARCH", [:], ""), ("FROM a\nARG TARGETARCH\nENV r=$TARGETARCH", [:], "arm64"),
            (
                "FROM a\nARG TARGETPLATFORM BUILDPLATFORM\nENV r=$TARGETPLATFORM+$BUILDPLATFORM", [:],
                "linux/arm64/v8+linux/amd64"
            ),
            ("FROM a\nARG TARGETARCH\nENV r=$TARGETARCH", ["TARGETARCH": "x"], "x"),
            ("ARG a=1\nARG b=$a$a\nFROM x\nARG b\nENV r=$b", ["a": "2"], "22"),
            ("FROM a\nARG v=\"a b\"\nENV r=$v", [:], "a b"), ("FROM a\nENV r 'a  b' \"c\"", [:], "a  b c"),
            ("FROM a\nENV r=\\$BASE", [:], "$BASE"), ("# escape=`\nFROM a\nENV r=`$BASE\\", [:], "$BASE\\"),
            ("FROM a\nENV r='$BASE'", [:], "$BASE"), ("FROM a\nARG v=${BASE:?no}\nENV r=$v", [:], "b"),
        ] as [(String, [String: String], String)])
    func `where the value of a variable comes from`(text: String, arguments: [String: String], expected: String) throws
    {
        let result = try run(text, arguments: arguments, environment: ["BASE=b", "PATH=/bin"])
        #expect(result.variables["r"] == expected)
    }

    @Test func `the image gets ENV and the commands get ARG too`() throws {
        let text = "FROM a\nARG v=1\nENV a=$v b=2\nENV a=3\nARG w\nARG HTTP_PROXY"
        let variables = try run(text, arguments: ["HTTP_PROXY": "h", "https_proxy": "s"], environment: ["a=0"])
            .variables
        #expect(variables.environment == ["a=3", "PATH=" + StageVariables.defaultPath, "b=2"])
        #expect(
            variables.runEnvironment == ["a=3", "PATH=" + StageVariables.defaultPath, "v=1", "b=2", "HTTP_PROXY=h"])
        #expect(variables.arguments.map(\.name) == ["v", "w", "HTTP_PROXY"])
        #expect(variables.arguments.map(\.value) == ["1", nil, "h"])
        #expect(
            variables.global.proxyEnvironment == ["HTTP_PROXY=h", "http_proxy=h", "HTTPS_PROXY=s", "https_proxy=s"])
    }

    @Test func `a given argument that nothing declares is found`() throws {
        let document = try document("ARG a\nFROM x\nARG b")
        let inputs = BuildInputs(arguments: [
            "a": "", "b": "", "c": "", "TARGETOS": "", "no_proxy": "", "BUILDKIT_X": "",
        ])
        #expect(try GlobalArguments(document, inputs).unconsumed(in: document) == ["c"])
    }

    @Test(
        arguments: [
            ("COPY $v '$v' /$v/", "COPY a|$v|/a/"), ("ADD --chown=$v --chmod=${n} x y", "ADD x|y|a|755"),
            ("WORKDIR /$v", "WORKDIR /a"), ("USER $v:$v", "USER a:a"), ("VOLUME /$v /b", "VOLUME /a|/b"),
            ("VOLUME [\"/$v\"]", "VOLUME /a"), ("STOPSIGNAL SIG$v", "STOPSIGNAL SIGa"),
            ("EXPOSE $ports 9", "EXPOSE 80|81/udp|9"),
            ("EXPOSE 9 10 $v", "EXPOSE a|10|9"), ("LABEL $v=\"$v b\" c='$v'", "LABEL a=a b|c=$v"), ("CMD $v", "CMD $v"),
            ("ENTRYPOINT [\"$v\"]", "ENTRYPOINT $v"), ("RUN echo $v", "RUN echo $v"), ("SHELL [\"$v\"]", "SHELL $v"),
            ("HEALTHCHECK CMD $v", "HEALTHCHECK CMD-SHELL|$v"), ("ONBUILD COPY $v b", "ONBUILD COPY $v b"),
            ("MAINTAINER $v", "MAINTAINER $v"),
            ("COPY --exclude=*.$v . .", "COPY .|.|*.a"), ("COPY <<E /x\n$v 'b' \\$v\nE", "COPY a 'b' $v\n|/x"),
            ("COPY <<'E' /x\n$v\nE", "COPY $v\n|/x"), ("COPY \"a b c", nil), ("COPY ${v c d", nil),
            ("EXPOSE $", "EXPOSE $"),
            ("RUN --mount=type=cache,target=/$v x", "RUN /a"), ("RUN --mount=type=$v,target=/ x", nil),
        ] as [(String, String?)])
    func `which words of an instruction are expanded`(text: String, expected: String?) throws {
        let full = "FROM a\nARG v=a n=755 ports=\"80 81/udp\"\n" + text
        guard let expected else {
            #expect(throws: DockerfileError.self) { try run(full) }
            return
        }
        let last = try #require(try run(full).instructions.last)
        #expect("\(last.keyword.rawValue) " + Self.texts(last.operation).joined(separator: "|") == expected)
    }

    static func texts(_ operation: Operation) -> [String] {
        switch operation {
        case .add(let copy), .copy(let copy):
            let sources = copy.sources.map {
                switch $0 {
                case .path(let word): word.text
                case .document(let document): document.content
                }
            }
            let flags = [copy.owner, copy.mode].compactMap(\.self) + copy.excludes
            return sources + [copy.destination.text] + flags.map(\.text)
        case .cmd(let line), .entrypoint(let line): return line.arguments
        case .env(let pairs), .label(let pairs): return pairs.map { "\($0.name.text)=\($0.value.text)" }
        case .expose(let words), .shell(let words), .volume(let words): return words.map(\.text)
        case .healthcheck(let check): return check.test
        case .maintainer(let word), .stopsignal(let word), .user(let word), .workdir(let word): return [word.text]
        case .onbuild(let trigger): return [trigger.text]
        case .run(let run): return run.mounts.isEmpty ? run.command.arguments : run.mounts.map { $0.target ?? "" }
        case .arg, .from: return []
        }
    }

    @Test func `an expansion that fails points at its place`() throws {
        let text = DockerfileText("FROM a\nCOPY a 한${b:?no-b} /c", name: "Dockerfile")
        do {
            _ = try run(text.text)
            Issue.record("it was accepted")
        } catch let error as DockerfileError {
            #expect(error.message == "failed to process \"한${b:?no-b}\": b: no-b")
            #expect(error.report(in: text).hasPrefix("Dockerfile:2:9: "))
        }
    }

    @Test(
        arguments: [
            ("ADD --checksum=x a b", "checksum requires HTTP(S) or Git sources"),
            ("COPY https://a/b c", "source can't be a URL for COPY"),
            ("COPY git@h:a/b.git c", "source can't be a git ref for COPY"),
            (
                "COPY --chmod=888 a b",
                "invalid chmod parameter: '888'. it should be octal string and between 0 and 07777"
            ),
            (
                "COPY --chmod=u+q a b",
                "invalid chmod parameter: 'u+q'. it should be octal string and between 0 and 07777"
            ),
            ("COPY --chmod=u=rwX,go=rX a b", nil),
            ("ADD --checksum=x https://a https://b c/", "checksum can't be specified for multiple sources"),
            ("ADD --checksum=x https://a/b c", nil), ("VOLUME $none", "VOLUME specified can not be an empty string"),
        ] as [(String, String?)])
    func `what only the values show`(text: String, message: String?) throws {
        do {
            _ = try run("FROM a\n" + text)
            #expect(message == nil)
        } catch let error as DockerfileError {
            #expect(error.message == message)
        }
    }

    @Test func `an ARG before FROM that the shell misses is found`() throws {
        let document = try document(
            "ARG v=1\nARG w=2\nFROM a\nARG w\nRUN echo [$v] $w $other '$v'\nRUN echo \\$v\nRUN [\"$v\"]")
        var variables = StageVariables(environment: [], global: try GlobalArguments(document))
        var found: [[String]] = []
        for instruction in document.stages[0].instructions {
            let result = try variables.apply(instruction).instruction
            guard case .run(let run) = result.operation else { continue }
            found.append(variables.forgottenGlobals(in: run.command).map(\.name))
        }
        #expect(found == [["v"], [], []])
    }

    @Test(
        arguments: [
            ("80", ["80/tcp"]), ("80/UDP", ["80/udp"]), ("8000-8002/sctp", ["8000/sctp", "8001/sctp", "8002/sctp"]),
            ("127.0.0.1:80:81", ["81/tcp"]), ("90:91/udp", ["91/udp"]), ("[::1]:80:81", ["81/tcp"]),
            ("80/", ["80/tcp"]), ("x", nil),
            ("70000", nil), ("", nil), ("/tcp", nil), ("80/icmp", nil), ("9-8", nil), ("1-2-3", nil), ("80-", nil),
            ("-", nil),
            ("1-2:3-5", nil), ("1-3:80", ["80/tcp"]), ("+80", nil), ("80:", nil),
        ] as [(String, [String]?)])
    func `a port of EXPOSE`(text: String, ports: [String]?) {
        let found = try? ExposedPort.parse(Word(text, TextSpan(0, text.utf8.count)))
        #expect(found?.map(\.description) == ports)
    }

    @Test(
        arguments: [
            ("type=bind,target=/a", "bind  /a ro"), ("target=/a,rw", "bind  /a rw"),
            ("type=cache,target=/c,id=x,sharing=locked", "cache  /c rw x locked"),
            ("type=tmpfs,target=/t,size=64m", "tmpfs  /t rw 67108864"),
            ("type=tmpfs,size=1.5GiB,dst=/t", "tmpfs  /t rw 1610612736"),
            ("type=secret,id=s", "secret   ro s"),
            ("type=secret,id=s,env=TOKEN,required", "secret   ro s required TOKEN"),
            ("type=secret,src=s,target=/s,mode=0400,uid=1,gid=2", "secret s /s ro 256 1 2"),
            ("TYPE=Bind,SRC=/a,DST=/b,from=x", "bind /a /b ro x"),
            ("type=cache,destination=/c,ro=true", "cache  /c ro"),
            ("type=bind,readwrite=false,target=/a", "bind  /a ro"),
            ("\"type=bind\",\"target=/a,b\"", "bind  /a,b ro"), ("type=ssh", "ssh   ro"),
            ("type=bnd", "! unsupported mount type \"bnd\" (did you mean bind?)"),
            ("type=bind,targett=/a", "! unexpected key 'targett' in 'targett=/a' (did you mean target?)"),
            ("type=bind,x", "! invalid field 'x' must be a key=value pair"),
            ("type=cache,size=1", "! unexpected key 'size' for mount type 'cache'"),
            ("type=bind,required", "! unexpected key 'required' for mount type 'bind'"),
            ("type=cache,sharing=lokced", "! unsupported sharing value \"lokced\" (did you mean locked?)"),
            ("type=bind,mode=755", "! mode not allowed for \"bind\" type mounts"),
            ("type=tmpfs,uid=1", "! uid not allowed for \"tmpfs\" type mounts"),
            ("type=secret", "! invalid secret mount. one of source, target required"),
            ("type=secret,id=a,src=b", "! both source and id can't be set"),
            ("type=secret,id=a,from=b", "! secret mount should not have a from"),
            ("type=bind,sharing=shared", "! invalid cache sharing set for bind mount"),
            ("type=cache,mode=999", "! invalid value 999 for mode"),
            ("type=cache,uid=-1", "! invalid value -1 for uid"),
            ("type=bind,ro=maybe", "! invalid value for ro: maybe"),
            ("type=tmpfs,size=lots", "! invalid value for size: lots"),
            ("type=bind,from=$x", "! 'from' doesn't support variable expansion, define alias stage instead"),
            ("type=cache,env=x", "! unexpected key 'env' for mount type 'cache'"),
        ] as [(String, String)])
    func `the mounts of RUN`(flag: String, expected: String) throws {
        // Quotes around the whole flag are the flag's own, so that CSV's reach the reader.
        let text = "FROM a\nRUN --mount='\(flag)' x"
        if let error = mistake(text) {
            #expect("! \(error)" == expected)
            return
        }
        guard case .run(let run) = try #require(try document(text).stages[0].instructions.first).operation
        else { throw OtherInstruction() }
        let mount = try #require(run.mounts.first)
        let rest: [String?] = [
            mount.from?.text, mount.id, mount.sharing?.rawValue, mount.mode.map { "\($0)" }, mount.user.map { "\($0)" },
            mount.group.map { "\($0)" }, mount.size.map { "\($0)" }, mount.isRequired ? "required" : nil,
            mount.variable,
        ]
        let first =
            "\(mount.kind.rawValue) \(mount.source ?? "") \(mount.target ?? "") \(mount.isReadOnly ? "ro" : "rw")"
        #expect(([first] + rest.compactMap(\.self)).joined(separator: " ") == expected)
    }
}
