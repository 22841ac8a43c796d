// SPDX-License-Identifier: Apache-2.0
import DockerAPI
import Testing

struct FormatTemplateTests {
    /// A document like `inspect`'s: structs, maps, lists, and what is nil.
    static let document: JSONValue = {
        var state = JSONObject(.fields)
        state["Status"] = "running"
        state["Running"] = true
        state["ExitCode"] = 0
        state["Pid"] = 42
        var binding = JSONObject(.fields)
        binding.set("HostIp", field: "HostIP", "0.0.0.0")
        binding["HostPort"] = "3000"
        var ports = JSONObject(.map)
        ports["80/tcp"] = .array([.object(binding)])
        ports["443/tcp"] = .null(.list)
        var root = JSONObject(.fields)
        root.set("Id", field: "ID", "abc")
        root["Name"] = "/web"
        root["State"] = .object(state)
        root["Ports"] = .object(ports)
        root["Labels"] = .object(JSONObject(texts: ["b": "2", "a": "1"]))
        root["Env"] = .strings(["A=1", "B=2"])
        root["Entrypoint"] = .strings(nil)
        root["Health"] = .null(.pointer)
        root["Load"] = .number(0.5)
        root["Empty"] = ""
        root["Hangul"] = "가나다"
        return .object(root)
    }()

    @Test(
        arguments: [
            ("", ""), ("plain }} text", "plain }} text"), ("{{.Id}}", "abc"), ("{{.ID}}", "abc"),
            ("{{ .Name }}", "/web"),
            ("{{.State.Status}}/{{.State.Running}}/{{.State.Pid}}", "running/true/42"), ("{{.Load}}", "0.5"),
            ("{{json .State}}", #"{"Status":"running","Running":true,"ExitCode":0,"Pid":42}"#),
            ("{{json .Name}}", "\"/web\""),
            ("{{json .Labels}}", #"{"a":"1","b":"2"}"#), ("{{json .Entrypoint}}", "null"), ("{{.Entrypoint}}", "[]"),
            ("{{.Health}}", "<nil>"),
            ("{{.Labels}}", "map[a:1 b:2]"), ("{{.Env}}", "[A=1 B=2]"), ("{{.State}}", "{running true 0 42}"),
            ("{{.Labels.a}}", "1"),
            ("{{.Labels.zzz}}", "<no value>"), ("{{index .Labels \"a\"}}", "1"), ("{{index .Labels \"zzz\"}}", ""),
            ("{{(index (index .Ports \"80/tcp\") 0).HostPort}}", "3000"),
            ("{{(index .Ports \"80/tcp\" 0).HostIp}}", "0.0.0.0"),
            ("{{range .Env}}[{{.}}]{{end}}", "[A=1][B=2]"),
            ("{{range $i, $e := .Env}}{{$i}}={{$e}};{{end}}", "0=A=1;1=B=2;"),
            ("{{range $k, $v := .Labels}}{{$k}}{{$v}}{{end}}", "a1b2"),
            ("{{range $p, $b := .Ports}}{{$p}}->{{(len $b)}} {{end}}", "443/tcp->0 80/tcp->1 "),
            ("{{range .Entrypoint}}x{{else}}none{{end}}", "none"), ("{{range 3}}{{.}}{{end}}", "012"),
            ("{{range .Env}}{{break}}x{{end}}y", "y"),
            ("{{range $i, $e := .Env}}{{if eq $i 0}}{{continue}}{{end}}{{$e}}{{end}}", "B=2"),
            ("{{range .Env}}{{$.Id}}{{end}}", "abcabc"),
            ("{{if .State.Running}}up{{else}}down{{end}}", "up"),
            ("{{if .Empty}}a{{else if .Health}}b{{else}}c{{end}}", "c"),
            ("{{if and .State.Running (eq .State.ExitCode 0)}}ok{{end}}", "ok"),
            ("{{if or .Empty .Name}}x{{end}}", "x"), ("{{or .Empty .Name}}", "/web"), ("{{and .Empty .Nothing}}", ""),
            ("{{with .State}}{{.Status}}{{end}}", "running"), ("{{with .Empty}}a{{else}}b{{end}}", "b"),
            ("{{with $x := .Name}}{{$x}}{{end}}", "/web"),
            ("{{with .Empty}}a{{else with .Name}}{{.}}{{end}}", "/web"),
            ("{{$x := .Id}}{{$x}}{{$x = .Name}}{{$x}}", "abc/web"), ("{{not .Empty}}", "true"),
            ("{{len .Env}} {{len .Name}} {{len .Labels}} {{len .Hangul}}", "2 4 2 9"),
            ("{{join .Env \", \"}}", "A=1, B=2"), ("{{.Name | upper}}", "/WEB"),
            ("{{upper \"é가\" | lower}}", "é가"), ("{{title \"hello big-world it's\"}}", "Hello Big-World It's"),
            ("{{split \"a,b,c\" \",\"}}", "[a b c]"), ("{{index (split .Name \"/\") 1}}", "web"),
            ("{{pad .Id 1 2}}|{{pad \"\" 1 2}}|", " abc  ||"),
            ("{{truncate .Name 2}}|{{truncate .Name 99}}", "/w|/web"), ("{{truncate .Hangul 4}}", "가"),
            ("{{slice .Name 1}} {{slice .Name 1 3}} {{slice .Env 1}}", "web we [B=2]"),
            ("{{println .Id 1}}", "abc 1\n"), ("{{print 1 2 \"a\" 3}}", "1 2a3"),
            ("{{printf \"%s-%d-%v-%q\" .Id 5 true .Name}}", "abc-5-true-\"/web\""),
            ("{{printf \"%5s|%-5s|%05d|%.1s|%%\" \"ab\" \"ab\" 42 \"xyz\"}}", "   ab|ab   |00042|x|%"),
            ("{{printf \"%d\" .Name}}", "%!d(string=/web)"), ("{{printf \"%s\"}}", "%!s(MISSING)"),
            ("{{printf \"x\" 1}}", "x%!(EXTRA int=1)"),
            ("{{printf \"%x %X %o %b %c %.2f %t\" 255 255 8 5 65 1.5 true}}", "ff FF 10 101 A 1.50 true"),
            (
                "{{eq .Id \"x\" \"abc\"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt \"b\" \"a\"}} {{ge 1.5 2.5}}",
                "true true true true true false"
            ),
            ("a {{- .Id -}} b", "aabcb"), ("a\n{{- /* c */ -}}\nb", "ab"), ("{{/* c */}}x", "x"),
            ("{{ \"a\\tb\" }}{{`c\\t`}}", "a\tbc\\t"), ("{{'A'}} {{0x10}} {{-3}} {{1.5}} {{1e3}}", "65 16 -3 1.5 1000"),
            ("{{true}} {{.State.Pid | printf \"%d\"}}", "true 42"), ("{{.}}{{\"\" | printf \"%q\"}}", nil),
            ("{{\"quoted \\\" brace }}\"}}", "quoted \" brace }}"),
            ("{{with $s := .State}}{{$s.Status}}{{end}}", "running"), ("{{(.State).Status}}", "running"),
            ("{{ .Name |\n upper }}", "/WEB"),
        ] as [(String, String?)])
    func `a template prints what Go prints`(template: String, printed: String?) throws {
        let result = try FormatTemplate(parsing: template)(Self.document)
        if let printed { #expect(result == printed) } else { #expect(!result.isEmpty) }
    }

    @Test(
        arguments: [
            ("{{", ":1: unclosed action"), ("{{.Id", ":1: unclosed action"), ("{{}}", ":1: missing value for command"),
            ("{{if}}x{{end}}", ":1: missing value for if"),
            ("{{if .Id}}x", ":1: unexpected EOF"), ("{{range .Env}}", ":1: unexpected EOF"),
            ("{{end}}", ":1: unexpected {{end}}"), ("a\n{{else}}", ":2: unexpected {{else}}"),
            ("{{foo}}", ":1: function \"foo\" not defined"), ("{{$x}}", ":1: undefined variable \"$x\""),
            ("{{\"a}}", ":1: unterminated quoted string"), ("{{`a}}", ":1: unterminated raw quoted string"),
            ("{{.Id @}}", ":1: unrecognized character in action: U+0040 '@'"), ("{{(.Id}}", ":1: unclosed left paren"),
            ("{{.Id)}}", ":1: unexpected right paren"), ("{{/* a}}", ":1: unclosed comment"),
            ("{{/* a */ .Id}}", ":1: comment ends before closing delimiter"), ("{{nil}}", ":1: nil is not a command"),
            ("{{.Id | 1}}", ":1: non executable command in pipeline stage 2"),
            ("{{.Id/}}", ":1: bad character U+002F '/'"),
            ("{{define \"x\"}}{{end}}", ":1: {{define}} is not supported"),
            ("{{break}}", ":1: {{break}} outside {{range}}"), ("{{1a}}", ":1: bad number syntax: \"1a\""),
            ("{{.Id :}}", ":1: expected :="),
            ("{{if .Id}}a{{else}}b{{else}}c{{end}}", ":1: expected end; found {{else}}"),
            ("{{.Id,}}", ":1: unexpected \",\" in operand"), ("{{|}}", ":1: unexpected \"|\" in command"),
            ("{{$x, $y := .Env}}", ":1: too many declarations in command"),
            ("{{.A\n\n\"b}}", ":3: unterminated quoted string in action started at :1"),
            ("{{.A\n", ":2: unclosed action started at :1"),
            // While it runs.
            ("{{.Foo}}", ":1:2: executing \"\" at <.Foo>: map has no entry for key \"Foo\""),
            ("{{.State.Foo}}", ":1:8: executing \"\" at <.State.Foo>: map has no entry for key \"Foo\""),
            ("\n  {{ .Foo }}", ":2:5: executing \"\" at <.Foo>: map has no entry for key \"Foo\""),
            ("{{.Name.Foo}}", ":1:7: executing \"\" at <.Name.Foo>: can't evaluate field Foo in type string"),
            (
                "{{.Health.Status}}",
                ":1:9: executing \"\" at <.Health.Status>: nil pointer evaluating interface {}.Status"
            ),
            (
                "{{index (index .Ports \"9/tcp\") 0}}",
                ":1:2: executing \"\" at <index (index .Ports \"9/tcp\") 0>: error calling index: index of untyped nil"
            ),
            ("{{index .Env 5}}", ":1:2: executing \"\" at <index .Env 5>: error calling index: index out of range: 5"),
            ("{{len 3}}", ":1:2: executing \"\" at <len 3>: error calling len: len of type int"),
            ("{{upper 3}}", ":1:2: executing \"\" at <upper 3>: wrong type for value; expected string; got int"),
            ("{{upper}}", ":1:2: executing \"\" at <upper>: wrong number of args for upper: want 1 got 0"),
            ("{{split \"a\"}}", ":1:2: executing \"\" at <split>: wrong number of args for split: want 2 got 1"),
            (
                "{{eq 1 \"a\"}}",
                ":1:2: executing \"\" at <eq 1 \"a\">: error calling eq: incompatible types for comparison"
            ),
            ("{{eq 1}}", ":1:2: executing \"\" at <eq 1>: error calling eq: missing argument for comparison"),
            (
                "{{lt true false}}",
                ":1:2: executing \"\" at <lt true false>: error calling lt: invalid type for comparison"
            ),
            ("{{range .Name}}{{end}}", ":1:8: executing \"\" at <.Name>: range can't iterate over /web"),
            (
                "{{slice .Name 9}}",
                ":1:2: executing \"\" at <slice .Name 9>: error calling slice: index out of range: 9"
            ),
            ("{{.Name | .Id}}", ":1:10: executing \"\" at <.Id>: can't give argument to non-function .Id"),
            (
                "{{join .Name \",\"}}",
                ":1:2: executing \"\" at <join .Name \",\">: wrong type for value; expected []string; got string"
            ),
        ])
    func `a wrong template is refused in Go's words`(template: String, reason: String) {
        #expect {
            _ = try FormatTemplate(parsing: template)(Self.document)
        } throws: {
            ($0 as? TemplateError)?.message == "template parsing error: template: " + reason
        }
    }

    @Test func `a row knows its fields alone, and its labels by method`() throws {
        var row = JSONObject(.row("*formatter.ContainerContext"))
        row["ID"] = "abc"
        row["Digest"] = "<none>"
        row.lookups["Label"] = JSONObject(texts: ["app": "web"])
        let value = JSONValue.object(row)
        #expect(try FormatTemplate(parsing: "{{.ID}} {{.Label \"app\"}}|{{.Label \"x\"}}|")(value) == "abc web||")
        #expect(try FormatTemplate(parsing: "{{json .}}")(value) == #"{"Digest":"\u003cnone\u003e","ID":"abc"}"#)
        #expect {
            _ = try FormatTemplate(parsing: "{{.Foo}}")(value)
        } throws: {
            "\($0)" == "template parsing error: template: :1:2: executing \"\" at <.Foo>: can't evaluate field Foo in "
                + "type *formatter.ContainerContext"
        }
    }

    @Test func `any text is a template or is refused`() {
        var state: UInt64 = 5
        let pieces = [
            "{{", "}}", "{{-", "-}} ", " ", "\n", ".", ".Id", ".State", "$x", ":=", "=", "|", "(", ")", "\"", "`", "'",
            "a", "if ", "range ", "with ",
            "end", "else", "index ", "printf ", "%d", "1", "-", ",", "/*", "*/", "가", "$", "break", "eq ", "\\",
        ]
        var printed = 0
        for _ in 0..<40_000 {
            var text = ""
            for _ in 0..<Int(state % 12) {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int((state >> 33) % UInt64(pieces.count))]
            }
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            do {
                _ = try FormatTemplate(parsing: text)(Self.document)
                printed += 1
            } catch {
                #expect(error.message.hasPrefix("template parsing error: template: :"), "\(text.debugDescription)")
            }
        }
        #expect(printed > 500)
    }
}
