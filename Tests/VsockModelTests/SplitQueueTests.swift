import Testing
import VsockModel

@Suite("Split rings")
struct SplitQueueTests {
    private let ram = TestRAM((0x10000, 0x10000), (0x100000, 0x10000))

    private func make(
        _ driver: TestDriver, base: UInt16 = 0, eventIndex: Bool = true, indirect: Bool = true
    ) throws -> SplitQueue {
        try SplitQueue(driver.layout, base: base, eventIndex: eventIndex, indirect: indirect, in: ram.memory)
    }

    @Test("a chain is read and written across its buffers and handed back")
    func chain() throws {
        var driver = TestDriver(ram, size: 8, at: 0x10000)
        ram.put([1, 2, 3, 4, 5], at: 0x11000)
        ram.put([6, 7], at: 0x12000)
        driver.describe(3, 0x11000, 5, flags: TestDriver.next, next: 5)
        driver.describe(5, 0x12000, 2, flags: TestDriver.next, next: 0)
        driver.describe(0, 0x13000, 4, flags: TestDriver.next | TestDriver.write, next: 7)
        driver.describe(7, 0x14000, 4, flags: TestDriver.write)
        driver.offer(3)
        var queue = try make(driver)
        var chain = DescriptorChain()
        #expect(try queue.take(into: &chain, from: ram.memory))
        #expect(chain.head == 3 && chain.readableBytes == 7 && chain.writableBytes == 8)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(chain.read(at: 3, byteCount: 4, into: &bytes, from: ram.memory))
        #expect(bytes == [4, 5, 6, 7, 0, 0, 0, 0])
        #expect(!chain.read(at: 3, byteCount: 5, into: &bytes, from: ram.memory))
        #expect(!chain.read(at: -1, byteCount: 1, into: &bytes, from: ram.memory))
        let answer: [UInt8] = [9, 8, 7, 6, 5, 4]
        #expect(chain.write(bytes: answer, at: 1, to: ram.memory))
        #expect(!chain.write(bytes: answer, at: 3, to: ram.memory))
        #expect(ram.get(0x13000, 5) == [0xA5, 9, 8, 7, 0xA5] && ram.get(0x14000, 4) == [6, 5, 4, 0xA5])
        try queue.complete(chain.head, written: 7, in: ram.memory)
        #expect(driver.usedIndex == 1)
        #expect(try #require(driver.used(0)) == (3, 7))
        #expect(try !queue.take(into: &chain, from: ram.memory))
    }

    @Test("an indirect table stands for a chain, and for nothing without the feature")
    func indirect() throws {
        var driver = TestDriver(ram, size: 4, at: 0x10000)
        driver.describe(1, 0x100000, 48, flags: TestDriver.indirect)
        driver.describe(0, 0x11000, 44, flags: TestDriver.next, next: 2, table: 0x100000)
        driver.describe(2, 0x12000, 100, flags: TestDriver.next, next: 1, table: 0x100000)
        driver.describe(1, 0x13000, 8, flags: TestDriver.write, table: 0x100000)
        driver.offer(1)
        var queue = try make(driver)
        var chain = DescriptorChain()
        #expect(try queue.take(into: &chain, from: ram.memory))
        #expect(chain.head == 1 && chain.readableBytes == 144 && chain.writableBytes == 8)
        var without = try make(driver, indirect: false)
        #expect(throws: QueueError(.indirectTable, 48)) { try without.take(into: &chain, from: ram.memory) }
    }

    @Test("a buffer that is put back comes again; positions wrap around")
    func wrap() throws {
        var driver = TestDriver(ram, size: 2, at: 0x10000)
        var queue = try make(driver)
        var chain = DescriptorChain()
        for round in 0..<140_000 {
            driver.describe(UInt16(round % 2), 0x11000 + UInt64(round % 100), 1)
            driver.offer(UInt16(round % 2))
            guard try queue.take(into: &chain, from: ram.memory) else { throw QueueError(.availableIndex, round) }
            if round % 7 == 0 {
                queue.putBack()
                guard try queue.take(into: &chain, from: ram.memory) else { throw QueueError(.availableIndex, round) }
            }
            guard Int(chain.head) == round % 2 else { throw QueueError(.descriptorNumber, chain.head) }
            try queue.complete(chain.head, written: 0, in: ram.memory)
        }
        #expect(driver.usedIndex == UInt16(140_000 % 65_536))
        #expect(queue.nextAvailable == UInt16(140_000 % 65_536))
    }

    @Test("a ring goes on where it was")
    func resumed() throws {
        var driver = TestDriver(ram, size: 4, at: 0x10000)
        driver.describe(0, 0x11000, 1)
        var first = try make(driver)
        var chain = DescriptorChain()
        for _ in 0..<3 {
            driver.offer(0)
            #expect(try first.take(into: &chain, from: ram.memory))
            try first.complete(chain.head, written: 0, in: ram.memory)
        }
        var second = try make(driver, base: first.nextAvailable)
        #expect(try !second.take(into: &chain, from: ram.memory))
        driver.offer(0)
        #expect(try second.take(into: &chain, from: ram.memory))
        try second.complete(chain.head, written: 5, in: ram.memory)
        #expect(driver.usedIndex == 4)
        #expect(try #require(driver.used(3)) == (0, 5))
    }

    @Test("with the event index the driver is told when it asked to be, and asked where to kick")
    func eventIndex() throws {
        var driver = TestDriver(ram, size: 8, at: 0x10000)
        for index in 0..<8 { driver.describe(UInt16(index), 0x11000, 1) }
        var queue = try make(driver)
        var chain = DescriptorChain()
        func complete() throws -> Bool {
            driver.offer(0)
            #expect(try queue.take(into: &chain, from: ram.memory))
            try queue.complete(chain.head, written: 0, in: ram.memory)
            return try queue.mustNotify(in: ram.memory)
        }
        #expect(try complete())
        // Nothing new, so nothing to tell.
        #expect(try !queue.mustNotify(in: ram.memory))
        driver.wantEvent(at: 3)
        #expect(try !complete())
        #expect(try !complete())
        #expect(try complete())
        #expect(try !complete())
        #expect(try !queue.askForKick(in: ram.memory))
        #expect(driver.availableEvent == 5)
        driver.offer(1)
        #expect(try queue.askForKick(in: ram.memory))
    }

    @Test("without it the driver's flag decides")
    func flag() throws {
        var driver = TestDriver(ram, size: 8, at: 0x10000)
        driver.describe(0, 0x11000, 1)
        var queue = try make(driver, eventIndex: false)
        var chain = DescriptorChain()
        for isSilent in [false, true, false] {
            driver.silence(isSilent)
            driver.offer(0)
            #expect(try queue.take(into: &chain, from: ram.memory))
            try queue.complete(chain.head, written: 0, in: ram.memory)
            #expect(try queue.mustNotify(in: ram.memory) == !isSilent)
            #expect(try !queue.askForKick(in: ram.memory))
        }
        #expect(driver.availableEvent == 0)
    }

    @Test("sizes and places that make no ring are refused")
    func layouts() {
        for size: UInt32 in [0, 3, 65_536, 1 << 31, .max] {
            #expect(QueueLayout(size: size, descriptors: 0, available: 0, used: 0) == nil)
        }
        #expect(QueueLayout(size: 8, descriptors: 8, available: 0, used: 0) == nil)
        #expect(QueueLayout(size: 8, descriptors: 0, available: 1, used: 0) == nil)
        #expect(QueueLayout(size: 8, descriptors: 0, available: 0, used: 2) == nil)
        #expect(QueueLayout(size: 32_768, descriptors: .max - 15, available: 0, used: 0) == nil)
        #expect(QueueLayout(size: 32_768, descriptors: 0, available: .max - 1, used: 0) == nil)
        #expect(QueueLayout(size: 32_768, descriptors: 0, available: 0, used: .max - 3) == nil)
        #expect(QueueLayout(size: 32_768, descriptors: 0, available: 0, used: 0) != nil)
    }
}
