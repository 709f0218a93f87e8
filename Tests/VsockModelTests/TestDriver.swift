import VsockModel

/// The driver's side of a ring in a test's RAM.
struct TestDriver {
    static let next: UInt16 = 1
    static let write: UInt16 = 2
    static let indirect: UInt16 = 4

    let ram: TestRAM
    let layout: QueueLayout
    private(set) var offered: UInt16 = 0

    /// An empty ring whose parts follow each other from `address` on.
    init(_ ram: TestRAM, size: UInt32, at address: UInt64) {
        self.ram = ram
        let available = address + 16 * UInt64(size)
        let used = (available + 6 + 2 * UInt64(size) + 3) & ~3
        guard let layout = QueueLayout(size: size, descriptors: address, available: available, used: used) else {
            preconditionFailure("a ring of a test is wrong")
        }
        self.layout = layout
        for part in layout.parts { ram.put([UInt8](repeating: 0, count: Int(part.bytes)), at: part.start) }
    }

    func describe(
        _ index: UInt16, _ address: UInt64, _ count: UInt32, flags: UInt16 = 0, next: UInt16 = 0, table: UInt64? = nil
    ) {
        let place = (table ?? layout.descriptors) + 16 * UInt64(index)
        _ = ram.memory.store64(address, at: place)
        _ = ram.memory.store64(UInt64(count) | UInt64(flags) << 32 | UInt64(next) << 48, at: place + 8)
    }

    mutating func offer(_ head: UInt16) {
        _ = ram.memory.store16(head, at: layout.available + 4 + 2 * UInt64(offered % layout.size))
        offered &+= 1
        announce(offered)
    }

    func announce(_ index: UInt16) { _ = ram.memory.store16(index, at: layout.available + 2) }

    func wantEvent(at index: UInt16) {
        _ = ram.memory.store16(index, at: layout.available + 4 + 2 * UInt64(layout.size))
    }

    func silence(_ isSilent: Bool) { _ = ram.memory.store16(isSilent ? 1 : 0, at: layout.available) }

    var usedIndex: UInt16? { ram.memory.load16(layout.used + 2) }

    /// Where the device wants to be kicked.
    var availableEvent: UInt16? { ram.memory.load16(layout.used + 4 + 8 * UInt64(layout.size)) }

    func used(_ position: UInt16) -> (head: UInt32, written: UInt32)? {
        ram.memory.load64(layout.used + 4 + 8 * UInt64(position % layout.size)).map {
            (UInt32(truncatingIfNeeded: $0), UInt32($0 >> 32))
        }
    }
}
