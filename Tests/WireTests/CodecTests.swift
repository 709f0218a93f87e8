import Testing
import Wire

/// What the codec makes of fields that it does not write itself.
@Suite("The codec reads what protobuf allows and refuses the rest")
struct CodecTests {
    @Test("Unknown fields of every wire type are skipped at every place", arguments: everyMessage.indices)
    func unknownFields(position: Int) throws {
        func check<Message: Sampled>(_ type: Message.Type) throws {
            var dice = Dice(seed: 77)
            for _ in 0..<20 {
                let original = Message.sample(&dice)
                let bytes = original.encoded()
                for field in RawField.unknown {
                    #expect(try Message(decoding: field + bytes) == original)
                    #expect(try Message(decoding: bytes + field) == original)
                }
                #expect(try Message(decoding: RawField.unknown.flatMap { $0 } + bytes) == original)
            }
        }
        try check(everyMessage[position])
    }

    @Test("Unknown fields inside a sub-message are skipped")
    func unknownInside() throws {
        let inner = RawField.unknown.flatMap { $0 } + SetTarget(targetBytes: 5).encoded()
        let message = try ToGuest(decoding: RawField.delimited(3, inner) + RawField.number(1, 9))
        #expect(message == ToGuest(request: 9, message: .setTarget(SetTarget(targetBytes: 5))))
    }

    @Test("Groups are skipped sixteen deep, no deeper, and only when they match")
    func groups() throws {
        func nested(_ depth: Int) -> [UInt8] {
            (0..<depth).flatMap { _ in RawField.tag(900, 3) } + (0..<depth).flatMap { _ in RawField.tag(900, 4) }
        }
        #expect(try Release(decoding: nested(16)) == Release())
        #expect(throws: ProtobufError.badGroup) { try Release(decoding: nested(17)) }
        #expect(throws: ProtobufError.badGroup) { try Release(decoding: nested(5000)) }
        #expect(throws: ProtobufError.badGroup) { try Release(decoding: RawField.tag(900, 4)) }
        #expect(throws: ProtobufError.badGroup) { try Release(decoding: RawField.tag(900, 3) + RawField.tag(901, 4)) }
        #expect(throws: ProtobufError.truncated) { try Release(decoding: RawField.tag(900, 3)) }
        // A group may not end outside the message in which it began.
        #expect(throws: ProtobufError.truncated) {
            try ToGuest(decoding: RawField.delimited(7, RawField.tag(900, 3)) + RawField.tag(900, 4))
        }
    }

    @Test("Repeated numbers are read packed, unpacked and mixed")
    func packed() throws {
        let packed = RawField.delimited(1, RawField.varint(1) + RawField.varint(.max))
        let bytes = RawField.number(1, 7) + packed + RawField.delimited(1, []) + RawField.number(1, 0)
        #expect(try Reoffer(decoding: bytes).chunks == [7, 1, .max, 0])
        let topics = RawField.number(1, 2) + RawField.delimited(1, [3, 99]) + RawField.number(1, .max)
        #expect(try Query(decoding: topics).topics.map(\.rawValue) == [2, 3, 99, -1])
    }

    @Test("A sub-message that is repeated merges; another choice of the oneof replaces")
    func merging() throws {
        let first = RawField.delimited(3, SetTarget(targetBytes: 1, vmBytes: 2).encoded())
        let second = RawField.delimited(3, SetTarget(vmBytes: 3, deadlineMilliseconds: 4).encoded())
        let merged = SetTarget(targetBytes: 1, vmBytes: 3, deadlineMilliseconds: 4)
        #expect(try ToGuest(decoding: first + second).message == .setTarget(merged))
        let other = RawField.delimited(7, [])
        #expect(try ToGuest(decoding: first + other).message == .release(Release()))
        #expect(
            try ToGuest(decoding: first + other + second).message
                == .setTarget(
                    SetTarget(vmBytes: 3, deadlineMilliseconds: 4)))

        let memories = [MemoryReport(totalBytes: 5, nodes: [NodeMemory(node: 1)]), MemoryReport(nodes: [NodeMemory()])]
        let report = try Report(decoding: memories.flatMap { RawField.delimited(2, $0.encoded()) })
        #expect(report.memory == MemoryReport(totalBytes: 5, nodes: [NodeMemory(node: 1), NodeMemory()]))
        let offers = [Offer(chunk: 1, extents: [1, 2]), Offer(chunk: 2, extents: [3, 4], again: true)]
        let offered = try ToHost(decoding: offers.flatMap { RawField.delimited(4, $0.encoded()) })
        #expect(offered.message == .offer(Offer(chunk: 2, extents: [1, 2, 3, 4], again: true)))
    }

    @Test("The last of a repeated plain field counts, and its default does too")
    func lastWins() throws {
        let bytes = RawField.number(1, 5) + RawField.number(2, 6) + RawField.number(1, 0)
        #expect(try SetTarget(decoding: bytes) == SetTarget(targetBytes: 0, vmBytes: 6))
        // Presence survives a default value where the schema says optional.
        let policy = SetPolicy(statsPeriodMilliseconds: 0, deflateOnOom: .unspecified)
        #expect(policy.encoded() == [8, 0, 16, 0])
        #expect(try SetPolicy(decoding: policy.encoded()) == policy)
        #expect(try SetPolicy(decoding: []) == SetPolicy())
    }

    @Test("Narrow fields take the low bits of a wide number, as the reference does")
    func narrow() throws {
        #expect(try NodeMemory(decoding: RawField.number(1, 1 << 32 | 7)).node == 7)
        #expect(try Hello(decoding: RawField.number(4, 1 << 63)).agentBalloon)
        #expect(try Hello(decoding: RawField.number(1, 1 << 32 | 2)).role == .observer)
        #expect(try Hello(decoding: RawField.number(1, .max)).role.rawValue == -1)
    }

    @Test("A field of the wrong wire type is an error that names the field")
    func wrongWireType() {
        #expect(throws: ProtobufError.wrongWireType(field: 1)) { try Hello(decoding: RawField.delimited(1, [1])) }
        #expect(throws: ProtobufError.wrongWireType(field: 3)) { try Hello(decoding: RawField.number(3, 1)) }
        #expect(throws: ProtobufError.wrongWireType(field: 6)) {
            try Hello(decoding: RawField.tag(6, 1) + [0, 0, 0, 0, 0, 0, 0, 0])
        }
        #expect(throws: ProtobufError.wrongWireType(field: 4)) {
            try Offer(decoding: RawField.tag(4, 5) + [0, 0, 0, 0])
        }
        #expect(throws: ProtobufError.wrongWireType(field: 3)) { try ToGuest(decoding: RawField.tag(3, 3)) }
    }

    @Test("Bad tags, numbers and strings are errors")
    func badPieces() {
        #expect(throws: ProtobufError.badTag) { try Release(decoding: [0, 0]) }
        #expect(throws: ProtobufError.badTag) { try Release(decoding: RawField.tag(900, 6)) }
        #expect(throws: ProtobufError.badTag) { try Release(decoding: RawField.tag(900, 7)) }
        #expect(throws: ProtobufError.badTag) { try Release(decoding: RawField.tag(1 << 29, 0) + [0]) }
        #expect(throws: ProtobufError.badTag) { try Release(decoding: RawField.varint(.max)) }
        let overlong = [UInt8](repeating: 0x80, count: 10) + [0]
        #expect(throws: ProtobufError.overlongNumber) { try Release(decoding: overlong) }
        #expect(throws: ProtobufError.overlongNumber) { try SetTarget(decoding: [8] + overlong) }
        #expect(throws: ProtobufError.overlongNumber) { try Reoffer(decoding: RawField.delimited(1, overlong)) }
        for text: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE3, 0x81]] {
            #expect(throws: ProtobufError.badString) { try Failure(decoding: RawField.delimited(2, text)) }
        }
    }

    @Test("Lengths beyond the end are errors, however large")
    func lengths() {
        for length: UInt64 in [3, 1 << 31, 1 << 32, (1 << 63) - 1, 1 << 63, .max] {
            let bytes = RawField.tag(2, 2) + RawField.varint(length) + [1, 2]
            #expect(throws: ProtobufError.truncated) { try Hello(decoding: bytes) }
            #expect(throws: ProtobufError.truncated) { try ToGuest(decoding: bytes) }
            #expect(throws: ProtobufError.truncated) {
                try Release(decoding: RawField.tag(900, 2) + RawField.varint(length) + [1, 2])
            }
        }
        // A number may not reach beyond its packed list, nor a field beyond its sub-message.
        #expect(throws: ProtobufError.truncated) { try Reoffer(decoding: RawField.delimited(1, [0x80]) + [0x01]) }
        #expect(throws: ProtobufError.truncated) {
            try ToGuest(decoding: RawField.delimited(3, [0x08]) + RawField.number(1, 1))
        }
    }
}
