import VsockModel

// The testing macros take no spans.

extension PacketHeader { init?(bytes: [UInt8]) { self.init(bytes.span) } }

extension VhostUserHeader { init?(bytes: [UInt8]) { self.init(bytes.span) } }

extension MemoryTable { init?(bytes: [UInt8]) { self.init(bytes.span) } }

extension RingState { init?(bytes: [UInt8]) { self.init(bytes.span) } }

extension RingAddress { init?(bytes: [UInt8]) { self.init(bytes.span) } }

extension RingDescriptor { init?(bytes: [UInt8]) { self.init(bytes.span) } }

extension ByteRing {
    /// Takes up to `count` of the bytes that lie together.
    mutating func take(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        let taken = consume { span in
            for index in 0..<min(count, span.count) { bytes.append(span[index]) }
            return min(count, span.count)
        }
        return taken == bytes.count ? bytes : []
    }
}

extension DescriptorChain {
    func write(bytes: [UInt8], at offset: Int, to memory: borrowing some GuestMemory) -> Bool {
        write(bytes.span, at: offset, to: memory)
    }
}
