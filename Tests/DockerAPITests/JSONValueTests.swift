// SPDX-License-Identifier: Apache-2.0
import DockerAPI
import Testing

struct JSONValueTests {
    @Test func `a document is written as docker inspect writes it`() {
        var inner = JSONObject(.map)
        inner["z"] = .array([])
        inner["a"] = .array([1, true, .null(.pointer), .number(1.5), .number(2)])
        var object = JSONObject(.fields)
        object["Z"] = "line\n\"<&>\u{1}\u{2028}가\\"
        object["A"] = .object(inner)
        object["E"] = .object(JSONObject(.map))
        #expect(
            JSONValue.array([.object(object)]).indentedText == """
                [
                    {
                        "Z": "line\\n\\"<&>\\u0001\\u2028가\\\\",
                        "A": {
                            "a": [
                                1,
                                true,
                                null,
                                1.5,
                                2
                            ],
                            "z": []
                        },
                        "E": {}
                    }
                ]
                """)
        #expect(
            JSONValue.object(object).compactText
                == #"{"Z":"line\n\"<&>\u0001\u2028가\\","A":{"a":[1,true,null,1.5,2],"z":[]},"E":{}}"#)
    }

    @Test func `setting a name again keeps its place`() {
        var object = JSONObject(.fields)
        object["a"] = 1
        object["b"] = 2
        object["a"] = 3
        object["c"] = nil
        #expect(JSONValue.object(object).compactText == #"{"a":3,"b":2}"#)
    }
}
