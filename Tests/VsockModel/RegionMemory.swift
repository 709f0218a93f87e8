import Glibc

/// Guest RAM that is mapped into this process, region by region. The mappings belong to somebody else, who keeps them
/// while this value is in use.
@safe
public struct RegionMemory: GuestMemory {
    /// One mapped range.
    @safe
    public struct Region {
        /// Guest physical address of its first byte.
        public let guestAddress: UInt64
        fileprivate let bytes: UnsafeMutableRawBufferPointer

        /// - Parameter bytes: where it is mapped; mapped for as long as the region is used.
        public init(guestAddress: UInt64, bytes: UnsafeMutableRawBufferPointer) {
            self.guestAddress = guestAddress
            unsafe self.bytes = unsafe bytes
        }

        fileprivate var byteCount: UInt64 { unsafe UInt64(bytes.count) }
    }

    private let regions: [Region]

    /// Memory of these regions. Where they overlap the first one counts.
    public init(_ regions: [Region]) {
        self.regions = regions
    }

    /// Two bytes at any address; nil where that is no RAM of one region.
    public func load16(_ address: UInt64) -> UInt16? {
        guard let place = unsafe place(of: address, byteCount: 2) else { return nil }
        return unsafe UInt16(littleEndian: place.loadUnaligned(as: UInt16.self))
    }

    /// Eight bytes at any address; nil where that is no RAM of one region.
    public func load64(_ address: UInt64) -> UInt64? {
        guard let place = unsafe place(of: address, byteCount: 8) else { return nil }
        return unsafe UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
    }

    /// Writes two bytes; false where that is no RAM of one region.
    public func store16(_ value: UInt16, at address: UInt64) -> Bool {
        guard let place = unsafe place(of: address, byteCount: 2) else { return false }
        unsafe place.storeBytes(of: value.littleEndian, as: UInt16.self)
        return true
    }

    /// Writes eight bytes; false where that is no RAM of one region.
    public func store64(_ value: UInt64, at address: UInt64) -> Bool {
        guard let place = unsafe place(of: address, byteCount: 8) else { return false }
        unsafe place.storeBytes(of: value.littleEndian, as: UInt64.self)
        return true
    }

    /// Fills that part of the span; false where any of it is no RAM.
    public func copy(from address: UInt64, into bytes: inout MutableSpan<UInt8>, at range: Range<Int>) -> Bool {
        unsafe bytes.withUnsafeMutableBytes { target in
            guard range.upperBound <= target.count, let base = target.baseAddress else { return range.isEmpty }
            return unsafe walk(address, range.count) { place, done, count in
                unsafe memcpy(base + range.lowerBound + done, place, count)
            }
        }
    }

    /// Writes bytes; false where any of that is no RAM.
    public func copy(_ bytes: Span<UInt8>, to address: UInt64) -> Bool {
        unsafe bytes.withUnsafeBytes { source in
            unsafe walk(address, source.count) { place, done, count in
                if let base = source.baseAddress { unsafe memcpy(place, base + done, count) }
            }
        }
    }

    /// Whether all of a range is RAM.
    public func contains(_ address: UInt64, byteCount: UInt64) -> Bool {
        guard let count = Int(exactly: byteCount) else { return false }
        return unsafe walk(address, count) { _, _, _ in }
    }

    /// Goes through a range piece by piece, since neighbours in guest memory may be mapped apart.
    private func walk(
        _ address: UInt64, _ byteCount: Int, _ body: (UnsafeMutableRawPointer, _ done: Int, _ count: Int) -> Void
    ) -> Bool {
        var done = 0
        while done < byteCount {
            let (next, overflow) = address.addingReportingOverflow(UInt64(done))
            guard !overflow, let region = region(of: next) else { return false }
            let offset = Int(next - region.guestAddress)
            let count = unsafe min(byteCount - done, region.bytes.count - offset)
            guard let base = unsafe region.bytes.baseAddress else { return false }
            unsafe body(base + offset, done, count)
            done += count
        }
        return true
    }

    private func region(of address: UInt64) -> Region? {
        for region in regions
        where address >= region.guestAddress && address - region.guestAddress < region.byteCount {
            return region
        }
        return nil
    }

    private func place(of address: UInt64, byteCount: Int) -> UnsafeMutableRawPointer? {
        guard let region = region(of: address), let base = unsafe region.bytes.baseAddress else { return nil }
        let offset = Int(address - region.guestAddress)
        guard unsafe region.bytes.count - offset >= byteCount else { return nil }
        return unsafe base + offset
    }
}
