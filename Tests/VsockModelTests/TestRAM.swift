import VsockModel

/// Guest RAM of a test, in one or more regions, filled with a byte that nothing expects.
@safe
final class TestRAM {
    private let buffers: [(address: UInt64, bytes: UnsafeMutableRawBufferPointer)]
    let memory: RegionMemory

    /// RAM at these guest addresses, each of that many bytes.
    init(_ regions: (address: UInt64, count: Int)...) {
        let buffers = unsafe regions.map { region in
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: region.count, alignment: 4096)
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0xA5)
            return unsafe (address: region.address, bytes: bytes)
        }
        unsafe self.buffers = unsafe buffers
        memory = RegionMemory(
            unsafe buffers.map { unsafe RegionMemory.Region(guestAddress: $0.address, bytes: $0.bytes) })
    }

    deinit { unsafe buffers.forEach { unsafe $0.bytes.deallocate() } }

    func put(_ bytes: [UInt8], at address: UInt64) {
        precondition(memory.copy(bytes.span, to: address))
    }

    func get(_ address: UInt64, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var span = bytes.mutableSpan
        return memory.copy(from: address, into: &span, at: 0..<count) ? bytes : nil
    }
}
