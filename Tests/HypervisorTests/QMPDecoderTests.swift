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
