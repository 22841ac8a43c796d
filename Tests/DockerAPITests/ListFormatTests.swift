// SPDX-License-Identifier: Apache-2.0
import DockerAPI
import Testing

struct ListFormatTests {
    static let headings = ["ID": "CONTAINER ID", "Names": "NAMES"]

    static let row: JSONObject = {
        var row = JSONObject(.row("*formatter.ContainerContext"))
        row["Names"] = "web"
        row["ID"] = "abc"
        return row
    }()

    @Test(
        arguments: [
            ("", true, "CONTAINER ID\tNAMES", "abc\tweb"), ("table", true, "CONTAINER ID\tNAMES", "abc\tweb"),
            ("table {{.Names}}\\t{{.ID}}", true, "NAMES\tCONTAINER ID", "web\tabc"),
            ("table {{upper .Names}}", true, "NAMES", "WEB"),
            ("table {{.Nope}}", true, "<no value>", nil), ("{{.Names}}", false, "NAMES", "web"),
            ("  {{.ID}}:{{.Names}} ", false, "CONTAINER ID:NAMES", "abc:web"),
            ("{{.ID}}\\n{{.Names}}", false, "CONTAINER ID\nNAMES", "abc\nweb"),
            ("json", false, "map[ID:CONTAINER ID Names:NAMES]", #"{"ID":"abc","Names":"web"}"#),
        ] as [(String, Bool, String, String?)])
    func `a list's format has headings and rows`(text: String, isTable: Bool, heading: String, line: String?) throws {
        let format = try ListFormat(parsing: text, standard: "{{.ID}}\\t{{.Names}}")
        #expect(format.isTable == isTable)
        if text != "json" { #expect(try format.heading(Self.headings) == heading) }
        if let line {
            #expect(try format.line(Self.row) == line)
        } else {
            #expect(throws: TemplateError.self) { try format.line(Self.row) }
        }
    }
}
