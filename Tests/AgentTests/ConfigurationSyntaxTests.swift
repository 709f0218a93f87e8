import Testing

@testable import Agent

/// The error's line without the file's name, or the number of tables.
private func parse(_ bytes: [UInt8]) -> String {
    do {
        return "\(try TOMLDocument(bytes, file: "a.toml").tables.count) tables"
    } catch {
        return error.description
    }
}

@Suite("The accepted subset of TOML")
struct ConfigurationSyntaxTests {
    @Test("Tables, keys, comments and every kind of value")
    func accepted() throws {
        let text = """
            # a comment with a tab\tand ünïcödé
            first = 1
            \t[ agent ] # spaces are fine\r
            port="x" # a # in a comment
            text = "quote \\" back \\\\ tab \\t \\u00e9 \\U0001F600 # no comment"
            empty = ""
            n = -1_000
            zero = +0
            most = 9223372036854775807
            least = -9223372036854775808
            yes = true
            no = false# close
            list = ["a", "b" ,]\t
            none = []
            1-2_a = 3

            [b]
            """
        let document = try TOMLDocument(Array(text.utf8), file: "a.toml")
        #expect(document.tables.map(\.name) == ["", "agent", "b"])
        #expect(document.tables.map(\.line) == [0, 3, 17])
        #expect(document.tables[0].entries == [TOMLEntry(key: "first", value: .integer(1), line: 2)])
        #expect(
            document.tables[1].entries == [
                TOMLEntry(key: "port", value: .string("x"), line: 4),
                TOMLEntry(key: "text", value: .string("quote \" back \\ tab \t é 😀 # no comment"), line: 5),
                TOMLEntry(key: "empty", value: .string(""), line: 6),
                TOMLEntry(key: "n", value: .integer(-1000), line: 7),
                TOMLEntry(key: "zero", value: .integer(0), line: 8),
                TOMLEntry(key: "most", value: .integer(.max), line: 9),
                TOMLEntry(key: "least", value: .integer(.min), line: 10),
                TOMLEntry(key: "yes", value: .boolean(true), line: 11),
                TOMLEntry(key: "no", value: .boolean(false), line: 12),
                TOMLEntry(key: "list", value: .strings(["a", "b"]), line: 13),
                TOMLEntry(key: "none", value: .strings([]), line: 14),
                TOMLEntry(key: "1-2_a", value: .integer(3), line: 15),
            ])
    }

    @Test("Empty files and files without a last line end are fine", arguments: ["", "\n", "\r\n", " \t", "#", "[a]"])
    func small(text: String) {
        #expect(parse(Array(text.utf8)).hasSuffix("tables"))
    }

    private static let anything = "a string in double quotes, an integer, true or false"
    private static let digits = "decimal digits, or quotes around a size or duration"
    private static let statement = "key = value, [table] or # comment"
    private static let escapes = "\\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX or \\UXXXXXXXX"

    @Test(
        "What is not accepted is told with its line and what is expected",
        arguments: [
            ("[a]\nx = 1\nx = 2", 3, "x was set on line 2 already", "each key once"),
            ("[a]\n\n[a]", 3, "the table [a] was opened on line 1 already", "one [a]"),
            ("a = 1\n[a]", 2, "the name a is a key on line 1 already", "another name for the table"),
            ("[a", 1, "the header [a is not closed", "]"),
            ("[]", 1, "unexpected ]", "a table name of letters, digits, - and _"),
            ("[", 1, "the line ends too early", "a table name of letters, digits, - and _"),
            ("[[a]]", 1, "arrays of tables are not supported", "[name]"),
            ("[a.b]", 1, "tables in tables are not supported", "[name] without a dot"),
            ("[\"a\"]", 1, "quoted keys are not supported", "a bare key"),
            ("[a] b = 1", 1, "unexpected b after the value or header", "the end of the line or #"),
            ("a.b = 1", 1, "dotted keys are not supported", "key = value in a [table]"),
            ("'a' = 1", 1, "quoted keys are not supported", "a bare key"), ("= 1", 1, "unexpected =", statement),
            ("é = 1", 1, "unexpected U+00E9", statement), ("a", 1, "no = after a", "a = value"),
            ("a 1", 1, "no = after a", "a = value"), ("\u{FEFF}a = 1", 1, "unexpected U+FEFF", statement),
            ("\r", 1, "unexpected U+000D", statement),
            ("a =", 1, "no value after =", "a string, an integer, true, false or an array"),
            ("a = # b", 1, "no value after =", "a string, an integer, true, false or an array"),
            ("a = 'b'", 1, "literal strings are not supported", "a string in double quotes"),
            ("a = {}", 1, "inline tables are not supported", "a [table] of its own"),
            ("a = \"\"\"b\"\"\"", 1, "multi-line strings are not supported", "a string on one line"),
            ("a = \"b", 1, "the string is not closed on its line", "a closing \""),
            ("a = \"b\\", 1, "the string is not closed on its line", "a closing \""),
            ("a = \"b\" c", 1, "unexpected c after the value or header", "the end of the line or #"),
            ("a = \"\\x\"", 1, "unknown escape \\x", escapes), ("a = \"\\ \"", 1, "unknown escape \\U+0020", escapes),
            ("a = \"\\u12\"", 1, "\\u without its digits", "\\uXXXX"),
            ("a = \"\\U0012345\"", 1, "\\U without its digits", "\\UXXXXXXXX"),
            ("a = \"\\uD800\"", 1, "\\u names no character", "a Unicode scalar value"),
            ("a = \"\\UFFFFFFFF\"", 1, "\\U names no character", "a Unicode scalar value"),
            ("a = \"\u{1}\"", 1, "control character U+0001 in a string", "an escape such as \\n"),
            ("a = \"\u{7F}\"", 1, "control character U+007F in a string", "an escape such as \\n"),
            ("a = 1 # \u{0}", 1, "control character U+0000 in a comment", "text and tabs only"),
            ("# \r x", 1, "control character U+000D in a comment", "text and tabs only"),
            ("a = yes", 1, "yes is no value", anything), ("a = True", 1, "True is no value", anything),
            ("a = 10s", 1, "10s is no integer", digits), ("a = 1.5", 1, "1.5 is no integer", digits),
            ("a = 0x10", 1, "0x10 is no integer", digits), ("a = 1e3", 1, "1e3 is no integer", digits),
            ("a = 1__0", 1, "1__0 is no integer", digits), ("a = 1_", 1, "1_ is no integer", digits),
            ("a = _1", 1, "_1 is no value", anything), ("a = --1", 1, "--1 is no value", anything),
            ("a = 2024-01-01", 1, "2024-01-01 is no integer", digits),
            ("a = 01", 1, "01 has leading zeros", "an integer without them"),
            ("a = -00", 1, "-00 has leading zeros", "an integer without them"),
            ("a = 0_1", 1, "0_1 has leading zeros", "an integer without them"),
            ("a = 9223372036854775808", 1, "9223372036854775808 does not fit into 64 bits", "a smaller integer"),
            ("a = 1\r", 1, "1U+000D is no integer", digits),
            ("a = 1 2", 1, "unexpected 2 after the value or header", "the end of the line or #"),
            ("a = [1]", 1, "unexpected 1 in an array", "strings in double quotes"),
            ("a = [\"b\" \"c\"]", 1, "unexpected \" in an array", ", or ]"),
            ("a = [,]", 1, "unexpected , in an array", "strings in double quotes"),
            ("a = [\"b\",,]", 1, "unexpected , in an array", "strings in double quotes"),
            ("a = [\"b\",\n\"c\"]", 1, "the array is not closed on its line", "]"),
            ("a = [\"b\"", 1, "the array is not closed on its line", "]"),
            ("a = [\"b\" # c", 1, "the array is not closed on its line", "]"),
        ] as [(String, Int, String, String)])
    func refused(text: String, line: Int, message: String, expected: String) {
        #expect(parse(Array(text.utf8)) == "a.toml:\(line): \(message) (expected \(expected))")
    }

    @Test(
        "Invalid UTF-8 is refused", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func invalidText(bytes: [UInt8]) {
        #expect(
            parse(Array("a = 1\n# ".utf8) + bytes + [0x0A])
                == "a.toml:2: the line is not valid UTF-8 (expected UTF-8 text)")
    }
}
