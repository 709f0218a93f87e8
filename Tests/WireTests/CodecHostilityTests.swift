import Testing
import Wire

/// No bytes make the codec trap or work for long.
@Suite("The codec survives hostile bytes")
struct CodecHostilityTests {
    @Test("A message cut at any byte is an error or a shorter message", arguments: everyMessage.indices)
    func cut(position: Int) throws {
        func check<Message: Sampled>(_ type: Message.Type) throws {
            var dice = Dice(seed: 99)
            for _ in 0..<30 {
                let bytes = Message.sample(&dice).encoded()
                for count in 0..<min(bytes.count, 600) {
                    guard let shorter = try? Message(decoding: Array(bytes[0..<count])) else { continue }
                    #expect(try Message(decoding: shorter.encoded()) == shorter)
                }
            }
        }
        try check(everyMessage[position])
    }

    @Test("100,000 random and damaged inputs never trap, and what is read survives a round trip")
    func random() throws {
        var dice = Dice(seed: 4)
        var read = 0
        for turn in 0..<100_000 {
            let type = everyMessage[turn % everyMessage.count]
            var bytes: [UInt8]
            if turn % 3 == 0 {
                bytes = dice.bytes(60)
            } else {
                bytes = Array(type.sample(&dice).encoded().prefix(400))
                for _ in 0..<dice.roll(1..<4) where !bytes.isEmpty {
                    bytes[dice.roll(0..<bytes.count)] = UInt8(truncatingIfNeeded: dice.next())
                }
            }
            func check<Message: Sampled>(_ type: Message.Type) throws {
                guard let message = try? Message(decoding: bytes) else { return }
                read += 1
                #expect(try Message(decoding: message.encoded()) == message)
            }
            try check(type)
        }
        #expect(read > 10_000)
    }

    @Test("A sub-message repeated thousands of times costs time in proportion to its bytes")
    func mergeCost() throws {
        let large = Inventory(extents: [UInt64](repeating: 1, count: 32_000)).encoded()
        let one = RawField.delimited(3, Inventory(extents: [1]).encoded())
        var bytes = RawField.delimited(3, large)
        while bytes.count + one.count <= Frame.maximumPayload { bytes += one }
        let inventory = try cpuSeconds { _ = try ToHost(decoding: bytes) }
        #expect(inventory < 0.05)

        let node = RawField.delimited(18, [])
        let memory = RawField.delimited(2, [UInt8]((0..<10_000).flatMap { _ in node }))
        var report = memory
        while report.count < 60_000 { report += RawField.delimited(2, node) }
        let nested = try cpuSeconds { _ = try ToHost(decoding: RawField.delimited(6, report)) }
        #expect(nested < 0.05)
    }
}
