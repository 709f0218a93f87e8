import Testing
import VsockModel

@Suite("Rings of a hostile guest")
struct HostileRingTests {
    private let ram = TestRAM((0x10000, 0x10000))

    /// What comes of one chain, described by the body.
    private func take(_ body: (inout TestDriver) -> Void) throws -> DescriptorChain {
        var driver = TestDriver(ram, size: 4, at: 0x10000)
        body(&driver)
        var queue = try SplitQueue(driver.layout, base: 0, eventIndex: true, indirect: true, in: ram.memory)
        var chain = DescriptorChain()
        _ = try queue.take(into: &chain, from: ram.memory)
        return chain
    }

    private func fails(_ code: QueueError.Code, _ body: (inout TestDriver) -> Void) {
        let error = #expect(throws: QueueError.self) { try take(body) }
        #expect(error?.code == code)
    }

    @Test("each broken rule is found")
    func rules() {
        fails(.availableIndex) { $0.announce(5) }
        fails(.availableIndex) { $0.announce(.max) }
        fails(.descriptorNumber) { $0.offer(4) }
        fails(.descriptorNumber) {
            $0.describe(0, 0x11000, 1, flags: TestDriver.next, next: 4)
            $0.offer(0)
        }
        fails(.chainTooLong) {
            $0.describe(0, 0x11000, 1, flags: TestDriver.next, next: 1)
            $0.describe(1, 0x11000, 1, flags: TestDriver.next, next: 0)
            $0.offer(0)
        }
        fails(.order) {
            $0.describe(0, 0x11000, 1, flags: TestDriver.next | TestDriver.write, next: 1)
            $0.describe(1, 0x11000, 1)
            $0.offer(0)
        }
        for (address, count): (UInt64, UInt32) in [(0, 1), (0x1FFFF, 2), (.max, 1), (.max - 5, .max), (0x10000, .max)] {
            fails(.bufferOutsideMemory) {
                $0.describe(0, address, count, flags: TestDriver.write)
                $0.offer(0)
            }
        }
    }

    @Test("each broken rule of indirect tables is found")
    func indirect() {
        for count: UInt32 in [0, 8, 17, 16 * 1025, .max] {
            fails(.indirectTable) {
                $0.describe(0, 0x12000, count, flags: TestDriver.indirect)
                $0.offer(0)
            }
        }
        fails(.indirectTable) {
            $0.describe(0, 0x12000, 16, flags: TestDriver.indirect | TestDriver.next, next: 1)
            $0.offer(0)
        }
        fails(.indirectTable) {
            $0.describe(0, 0x12000, 16, flags: TestDriver.indirect)
            $0.describe(0, 0x13000, 16, flags: TestDriver.indirect, table: 0x12000)
            $0.offer(0)
        }
        fails(.descriptorNumber) {
            $0.describe(0, 0x12000, 16, flags: TestDriver.indirect)
            $0.describe(0, 0x13000, 16, flags: TestDriver.next, next: 1, table: 0x12000)
            $0.offer(0)
        }
        fails(.chainTooLong) {
            $0.describe(0, 0x12000, 32, flags: TestDriver.indirect)
            $0.describe(0, 0x13000, 16, flags: TestDriver.next, next: 1, table: 0x12000)
            $0.describe(1, 0x13000, 16, flags: TestDriver.next, next: 0, table: 0x12000)
            $0.offer(0)
        }
        for address: UInt64 in [0, 0x1FFF8, .max - 7] {
            fails(.bufferOutsideMemory) {
                $0.describe(0, address, 16, flags: TestDriver.indirect)
                $0.offer(0)
            }
        }
    }

    @Test("a ring outside of RAM is refused at once")
    func outside() {
        for (descriptors, available, used): (UInt64, UInt64, UInt64) in [
            (0, 0x11000, 0x12000), (0x10000, 0x20000, 0x12000), (0x10000, 0x11000, 0x1FFFC),
        ] {
            let layout = QueueLayout(size: 64, descriptors: descriptors, available: available, used: used)
            let error = #expect(throws: QueueError.self) {
                try SplitQueue(#require(layout), base: 0, eventIndex: true, indirect: true, in: ram.memory)
            }
            #expect(error?.code == .ringOutsideMemory)
        }
    }

    @Test("random rings end in an error or in chains that lie in RAM, and never trap", arguments: 0..<40)
    func random(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<50 {
            let driver = TestDriver(ram, size: dice.one(of: [1, 4, 64]), at: 0x10000)
            // Mostly plausible descriptors, with some that are anything.
            for index in 0..<driver.layout.size {
                let address = dice.flag() ? 0x10000 + UInt64(dice.roll(0..<0x10000)) : dice.next()
                let count = dice.flag() ? UInt32(dice.roll(0..<64)) : UInt32(truncatingIfNeeded: dice.next())
                let next = UInt16(dice.roll(0..<Int(driver.layout.size) + 1))
                driver.describe(index, address & ~0xF, count & ~0xF, flags: UInt16(dice.roll(0..<8)), next: next)
            }
            for position in 0..<driver.layout.size {
                let head = UInt16(dice.roll(0..<Int(driver.layout.size) + 1))
                _ = ram.memory.store16(head, at: driver.layout.available + 4 + 2 * UInt64(position))
            }
            driver.announce(dice.flag() ? driver.layout.size : UInt16(truncatingIfNeeded: dice.next()))
            drain(driver.layout, ram.memory, &dice)
        }
    }

    @Test("memory that changes at every look is no worse", arguments: 0..<40)
    func restless(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let layout = try #require(QueueLayout(size: 16, descriptors: 0x10000, available: 0x11000, used: 0x12000))
        for _ in 0..<50 { drain(layout, RestlessMemory(seed: dice.next()), &dice) }
    }

    /// Uses the ring as the device does, up to its first error.
    private func drain(_ layout: QueueLayout, _ memory: some GuestMemory, _ dice: inout Dice) {
        var bytes = [UInt8](repeating: 0, count: 300)
        do {
            var queue = try SplitQueue(
                layout, base: UInt16(truncatingIfNeeded: dice.flag() ? 0 : dice.next()), eventIndex: dice.flag(),
                indirect: dice.flag(), in: memory)
            var chain = DescriptorChain()
            for _ in 0..<200 {
                guard try queue.take(into: &chain, from: memory) else { break }
                let count = dice.roll(0..<300)
                let offset = dice.roll(0..<100)
                if chain.read(at: offset, byteCount: count, into: &bytes, from: memory) {
                    #expect(offset + count <= chain.readableBytes)
                }
                if chain.write(bytes.span.extracting(0..<count), at: offset, to: memory) {
                    #expect(offset + count <= chain.writableBytes)
                }
                try queue.complete(chain.head, written: UInt32(count), in: memory)
                _ = try queue.mustNotify(in: memory)
            }
            _ = try queue.askForKick(in: memory)
        } catch {
            #expect(!error.description.isEmpty)
        }
    }
}

/// Memory of a guest that writes faster than the device reads: each look finds something else, or nothing.
private struct RestlessMemory: GuestMemory {
    private final class Source {
        var dice: Dice
        init(_ dice: Dice) { self.dice = dice }
    }

    private let source: Source

    init(seed: UInt64) { source = Source(Dice(seed: seed)) }

    private func odd() -> Bool { source.dice.roll(0..<40) == 0 }

    func load16(_ address: UInt64) -> UInt16? {
        odd() ? nil : UInt16(truncatingIfNeeded: source.dice.next() >> UInt64(source.dice.one(of: [48, 60, 62])))
    }

    func load64(_ address: UInt64) -> UInt64? {
        odd() ? nil : source.dice.next() >> UInt64(source.dice.one(of: [0, 14, 30, 31]))
    }

    func store16(_ value: UInt16, at address: UInt64) -> Bool { !odd() }
    func store64(_ value: UInt64, at address: UInt64) -> Bool { !odd() }
    func copy(from address: UInt64, into bytes: inout MutableSpan<UInt8>, at range: Range<Int>) -> Bool { !odd() }
    func copy(_ bytes: Span<UInt8>, to address: UInt64) -> Bool { !odd() }
    func contains(_ address: UInt64, byteCount: UInt64) -> Bool { !odd() }
}
