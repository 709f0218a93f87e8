import Testing

@testable import Agent

@Suite("The little JSON")
struct JSONTests {
    @Test("What is written reads back")
    func roundTrip() throws {
        let value = JSONValue.object([
            .init("a", .array([.null, .boolean(true), .boolean(false), .integer(UInt64.max), .number("-1.5e-3")])),
            .init("", .object([])), .init("text", .string("é😀\"\\/\u{0}\n\r\t\u{1B}[2J\u{7F}\u{9B}\u{2028}")),
            .init("none", .array([])), .init("missing", .text(nil)),
        ])
        #expect(try JSONReader.read(value.compact) == value)
        #expect(try JSONReader.read(value.indented) == value)
    }

    @Test("Compact and indented forms")
    func forms() {
        let value = JSONValue.object([.init("a", .array([.integer(1), .integer(2)])), .init("b", .object([]))])
        #expect(String(decoding: value.compact, as: UTF8.self) == #"{"a":[1,2],"b":{}}"#)
        #expect(
            String(decoding: value.indented, as: UTF8.self) == """
                {
                  "a": [
                    1,
                    2
                  ],
                  "b": {}
                }

                """)
    }

    @Test("Control characters are escaped, for terminals as well")
    func escapes() {
        let bytes = JSONValue.string("\u{1}\u{9B}\u{7F}\u{1F}").compact
        #expect(String(decoding: bytes, as: UTF8.self) == #""\u0001\u009b\u007f\u001f""#)
    }

    @Test("Escapes of others are understood")
    func foreignEscapes() throws {
        let text = #" { "k" : "\u00e9\ud83d\uDE00\/\b\f" } "#
        #expect(try JSONReader.read(text.utf8) == .object([.init("k", .string("é😀/\u{8}\u{C}"))]))
        #expect(try JSONReader.read(text.utf8)["k"] == .string("é😀/\u{8}\u{C}"))
        #expect(try JSONReader.read("[1]".utf8)["k"] == nil)
    }

    @Test(
        "What is no JSON is refused",
        arguments: [
            "", " ", "{", "[", "\"", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "[1 2]", "{1:2}", "01", "1.", "-",
            "1e", "+1", ".5", "tru", "nul", "truex", "1 1", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
            "\"\\udc00\"", "\"a\nb\"", "{\"a\":1", "'a'", "[1]]", "\u{FEFF}1", "NaN", "{\"a\" 1}", "/**/1",
        ])
    func refused(text: String) {
        #expect(throws: JSONFault.self) { try JSONReader.read(text.utf8) }
    }

    @Test("Depth is bounded, and texts must be UTF-8")
    func bounds() throws {
        let deep = String(repeating: "[", count: 16) + String(repeating: "]", count: 16)
        #expect(throws: Never.self) { try JSONReader.read(deep.utf8) }
        #expect(throws: JSONFault.tooDeep) { try JSONReader.read("[\(deep)]".utf8) }
        #expect(throws: JSONFault.tooDeep) { try JSONReader.read(String(repeating: "{\"a\":", count: 50_000).utf8) }
        #expect(throws: JSONFault.notUTF8) { try JSONReader.read([0x22, 0xFF, 0x22]) }
        #expect(throws: JSONFault.notUTF8) { try JSONReader.read([0x22, 0xC0, 0x80, 0x22]) }
    }

    @Test("Garbage of any kind never traps", arguments: 0..<20)
    func garbage(seed: UInt64) {
        var chance = CorpusChance(state: seed)
        let alphabet = Array("{}[]\":,\\u0129aeEtrufalsn-+. \n".utf8) + [0, 0xFF, 0xC3]
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0..<60, using: &chance)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &chance)]
            }
            if let value = try? JSONReader.read(bytes) {
                #expect((try? JSONReader.read(value.compact)) == value)
            }
        }
    }
}
