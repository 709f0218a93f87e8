/// The guest's memory as the VMM tells it: regions of guest physical addresses, each with a file.
public struct MemoryTable: Sendable, Equatable {
    /// One region.
    public struct Region: Sendable, Equatable {
        /// Guest physical address of its first byte.
        public var guestAddress: UInt64
        /// Its size.
        public var byteCount: UInt64
        /// Where the VMM has it mapped.
        public var userAddress: UInt64
        /// Where in its file it begins, in bytes.
        public var fileOffset: UInt64

        /// A region.
        public init(guestAddress: UInt64, byteCount: UInt64, userAddress: UInt64, fileOffset: UInt64) {
            self.guestAddress = guestAddress
            self.byteCount = byteCount
            self.userAddress = userAddress
            self.fileOffset = fileOffset
        }
    }

    /// Regions that a table may have without the protocol's memory slots.
    public static let mostRegions = 8

    /// The regions, in the VMM's order.
    public let regions: [Region]

    /// A table; nil where it has more than 8 regions, one is empty or wraps around, or two overlap in the guest.
    public init?(_ regions: [Region]) {
        guard regions.count <= Self.mostRegions else { return nil }
        for region in regions {
            guard region.byteCount > 0,
                !region.guestAddress.addingReportingOverflow(region.byteCount).overflow,
                !region.userAddress.addingReportingOverflow(region.byteCount).overflow,
                !region.fileOffset.addingReportingOverflow(region.byteCount).overflow
            else { return nil }
        }
        let sorted = regions.sorted { $0.guestAddress < $1.guestAddress }
        for (lower, upper) in zip(sorted, sorted.dropFirst())
        where upper.guestAddress - lower.guestAddress < lower.byteCount {
            return nil
        }
        self.regions = regions
    }

    /// Reads the payload of `setMemoryTable`; nil where it is short or makes no sense.
    public init?(_ payload: Span<UInt8>) {
        guard payload.count >= 8 else { return nil }
        let count: UInt32 = payload.littleEndian(at: 0)
        guard count <= Self.mostRegions, payload.count >= 8 + 32 * Int(count) else { return nil }
        self.init(
            (0..<Int(count)).map { index in
                let base = 8 + 32 * index
                return Region(
                    guestAddress: payload.littleEndian(at: base), byteCount: payload.littleEndian(at: base + 8),
                    userAddress: payload.littleEndian(at: base + 16), fileOffset: payload.littleEndian(at: base + 24))
            })
    }

    /// The guest physical address of a place in the VMM's process; nil where no region has it.
    public func guestAddress(ofUser address: UInt64) -> UInt64? {
        for region in regions where address >= region.userAddress && address - region.userAddress < region.byteCount {
            return region.guestAddress + (address - region.userAddress)
        }
        return nil
    }
}
