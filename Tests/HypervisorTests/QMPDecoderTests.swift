import Glibc
import Testing

@testable import Hypervisor

@Suite struct QMPDecoderTests {
    private let stream = """
        {"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "x"}, "capabilities": ["oob"]}}\r
        {"return": {}, "id": 1}\r
        {"timestamp": {"seconds": 5, "microseconds": 6}, "event": "STOP"}\r
        {"error": {"class": "GenericError", "desc": "no \\"} way"}, "id": 2}\r
        {
            "return": {"actual": 18446744073709551615, "small": -1, "half": 0.5},
            "id": 3
        }\r

        """

    @Test("every way to cut the bytes gives the same messages")
    func cuts() {
        var whole = QMPDecoder()
        let expected = whole.feed(Array(stream.utf8)).compactMap { try? $0.get() }
        #expect(expected.count == 5)
        #expect(whole.faults == 0)
        for step in [1, 2, 3, 7, 64] {
            var decoder = QMPDecoder()
            var messages: [QMPMessage] = []
            var rest = Array(stream.utf8)[...]
            while !rest.isEmpty {
                messages += decoder.feed(rest.prefix(step)).compactMap { try? $0.get() }
                rest = rest.dropFirst(step)
            }
            #expect(messages == expected)
        }
        #expect(expected[2] == .event(QMPEvent(name: "STOP", data: .null, seconds: 5, microseconds: 6)))
        #expect(expected[3] == .failure(id: 2, errorClass: "GenericError", description: "no \"} way"))
        guard case .success(3, let value) = expected[4] else { return #expect(Bool(false)) }
        #expect(value["actual"]?.uint64Value == .max)
        #expect(value["small"] == .int(-1))
        #expect(value["half"] == .double(0.5))
    }

    @Test("what cannot be read is counted once, dropped to the line end, and the next message is understood")
    func faults() {
        let good = "{\"return\":{},\"id\":9}\n"
        let cases: [(String, QMPDecoder.Fault)] = [
            ("hello {\"a\":1}\n", .notJSON),
            ("{\"a\":}\n", .notJSON),
            ("{\"a\":\"cut\n", .notJSON),
            ("{\"return\":1e999}\n", .notJSON),
            ("{\"other\":1}\n", .unknownMessage),
            ("{\"a\":" + String(repeating: "[", count: 80) + "\n", .tooDeep),
            ("{\"a\":\"" + String(repeating: "x", count: 2_000) + "\"}\n", .tooLong),
        ]
        for (text, fault) in cases {
            var decoder = QMPDecoder(limits: .init(messageBytes: 1_000))
            let results = decoder.feed(Array((text + good).utf8))
            #expect(results.first == .failure(fault), "\(text.prefix(40))")
            #expect(results.last == .success(.success(id: 9, value: .object([:]))), "\(text.prefix(40))")
            #expect(decoder.faults == 1 && decoder.messages == 1)
        }
    }

    /// CPU time of this thread, so that a busy machine does not make a bound fail.
    private static func cpuSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test("a deeply nested message costs time in proportion to its bytes, and little of it")
    func cost() {
        let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60) + ","
        let bytes = Array("{\"return\":[\(String(repeating: deep, count: 2_000))0]}".utf8)
        var decoder = QMPDecoder()
        let start = Self.cpuSeconds()
        _ = decoder.feed(bytes)
        #expect(Self.cpuSeconds() - start < 2)
        #expect(decoder.messages == 1)
    }

    @Test("values mean what JSON says, and nothing else is read")
    func values() {
        func value(_ text: String) -> JSONValue? {
            var decoder = QMPDecoder()
            guard case .success(.success(_, let value))? = decoder.feed("{\"return\":\(text)}".utf8).first else {
                return nil
            }
            return value
        }
        let good: [(String, JSONValue)] = [
            ("null", .null), ("true", true), ("false", false), ("0", 0), ("-0", 0),
            ("-9223372036854775808", .int(.min)),
            ("9223372036854775808", .uint(1 << 63)), ("18446744073709551615", .uint(.max)),
            ("18446744073709551616", .double(0x1p64)), ("1.0", 1), ("1e5", 100_000), ("-1.5E-1", .double(-0.15)),
            ("1e18", .double(1e18)), ("9007199254740993.5", .double(0x1p53 + 2)), ("\"\"", ""),
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{c}\n\r\t"),
            ("\"\\u00e9\\ud83d\\uDE00\"", "é😀"), ("[ ]", []), ("[1, [] ,{}]", [1, [], [:]]),
            ("{\"a\" : 1, \"b\":{\"c\":[]}}", ["a": 1, "b": ["c": []]]), ("{\"a\":1,\"a\":2}", ["a": 1]),
        ]
        for (text, expected) in good { #expect(value(text) == expected, "\(text)") }
        for text in [
            "", "01", "-", "-01", "+1", "1.", ".5", "1e", "1e+", "0x1", "1e999", "NaN", "tru", "nulll", "True", "[1,]",
            "[,]",
            "[1 2]", "[}", "{]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{1:1}", "{\"a\" 1}", "\"\t\"", "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "1 1", "\u{FEFF}1",
        ] {
            #expect(value(text) == nil, "\(text)")
        }
    }

    @Test("an answer that was not expected is told in a few words, however large it is")
    func excerpt() {
        let answer: JSONValue = ["a": [1, .null, "x", true, .double(0.5), .uint(.max)]]
        #expect(answer.excerpt(200) == "{\"a\": [1, null, \"x\", true, 0.5, 18446744073709551615]}")
        #expect(JSONValue.array([[], [:]]).excerpt(200) == "[[], {}]")
        let large = [
            JSONValue.array([JSONValue](repeating: 0, count: 1_000_000)),
            .string("e" + String(repeating: "\u{301}", count: 1_000_000)),
            .object([String(repeating: "k", count: 1_000): [[["x"]]]]),
        ]
        let start = Self.cpuSeconds()
        for value in large {
            #expect(value.excerpt(200).utf8.count <= 202)
            #expect(QMPError.unexpected("query-jobs", value).description.utf8.count < 300)
        }
        #expect(Self.cpuSeconds() - start < 1)
    }

    @Test("no byte sequence crashes it")
    func fuzz() {
        var random = SplitMix(state: 42)
        let seed = Array(stream.utf8)
        for _ in 0..<400 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: bytes[index...].prefix(30), at: index)
                }
            }
            var decoder = QMPDecoder(limits: .init(messageBytes: 4_096))
            _ = decoder.feed(bytes)
            _ = decoder.feed(Array("\"}}}}}\n\n{\"return\":{},\"id\":1}\n".utf8))
        }
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
