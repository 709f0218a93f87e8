public import Wire

/// The RAM of one VM: which guest-physical addresses are backed by which bytes of which file.
///
/// It is learned from the VMM and never from the guest, and it is the only way from an address that a guest names to
/// a byte that is discarded. ROM, devices and gaps are not in it.
public struct MemoryMap: Hashable, Sendable {
    /// Size of a guest frame in bytes.
    public static let frameBytes: UInt64 = 4096

    /// The most regions of one VM.
    public static let maximumRegions = 4096

    /// The regions, by guest address.
    public let regions: [MemoryRegion]

    /// The sum of all regions in bytes.
    public let totalBytes: UInt64

    /// Takes the regions in any order, and refuses what could make one byte reachable by two addresses.
    public init(regions: [MemoryRegion]) throws(MemoryMapError) {
        guard !regions.isEmpty else { throw MemoryMapError(code: .empty) }
        guard regions.count <= Self.maximumRegions else { throw MemoryMapError(code: .tooMany) }
        var total: UInt64 = 0
        for region in regions {
            func refuse(_ code: MemoryMapError.Code) -> MemoryMapError {
                MemoryMapError(code: code, guestAddress: region.guestAddress)
            }
            guard region.length > 0 else { throw refuse(.emptyRegion) }
            let bits = region.guestAddress | region.length | region.fileOffset | region.pageBytes
            guard bits % Self.frameBytes == 0, region.pageBytes.nonzeroBitCount == 1 else {
                throw refuse(.unaligned)
            }
            // File offsets are signed in every system call.
            guard !region.guestAddress.addingReportingOverflow(region.length).overflow,
                let offset = Int64(exactly: region.fileOffset), let length = Int64(exactly: region.length),
                !offset.addingReportingOverflow(length).overflow
            else { throw refuse(.wraps) }
            let sum = total.addingReportingOverflow(region.length)
            guard !sum.overflow else { throw refuse(.wraps) }
            total = sum.partialValue
        }
        let sorted = regions.sorted { $0.guestAddress < $1.guestAddress }
        for (low, high) in zip(sorted, sorted.dropFirst()) where low.guestEnd > high.guestAddress {
            throw MemoryMapError(code: .overlapsInGuest, guestAddress: high.guestAddress)
        }
        let backing = sorted.map { FileRange(file: $0.file, offset: $0.fileOffset, length: $0.length) }
        guard FileRange.coalesced(backing) != nil else { throw MemoryMapError(code: .overlapsInFile) }
        self.regions = sorted
        totalBytes = total
    }

    /// The files that back the regions.
    public var files: Set<FileKey> { Set(regions.map(\.file)) }

    /// A number that differs, for all practical purposes, where any field of any region differs. A session ends when
    /// it changes.
    public var fingerprint: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for region in regions {
            let fields = [
                region.guestAddress, region.length, region.file.device, region.file.inode, region.fileOffset,
                region.pageBytes,
            ]
            for field in fields {
                for shift in stride(from: 0, to: 64, by: 8) {
                    hash = (hash ^ ((field >> UInt64(shift)) & 0xff)) &* 0x0000_0100_0000_01b3
                }
            }
        }
        return hash
    }

    /// Where the frames of an extent live, in the order of their addresses. An extent may span regions that follow
    /// each other without a gap.
    ///
    /// - Parameter longest: the most bytes of one extent.
    public func translate(
        _ extent: Extent, longest: UInt64 = OfferLimits.standard.chunkBytes
    ) throws(RangeViolation) -> [FileRange] {
        let (address, length) = try RangeViolation.bytes(of: extent, longest: longest)
        let found = try backing(address: address, length: length, extent: extent)
        for (range, pageBytes) in found where (range.offset | range.length) & (pageBytes - 1) != 0 {
            throw RangeViolation(code: .unaligned, extent: extent)
        }
        return found.map(\.range)
    }

    /// Throws unless every frame of the extent is RAM; alignment to the backing's pages does not matter.
    func requireRAM(_ extent: Extent, longest: UInt64) throws(RangeViolation) {
        let (address, length) = try RangeViolation.bytes(of: extent, longest: longest)
        _ = try backing(address: address, length: length, extent: extent)
    }

    /// Where frames that were checked before live, whatever their alignment and number.
    func backing(of extent: Extent) throws(RangeViolation) -> [FileRange] {
        let (address, length) = try RangeViolation.bytes(of: extent, longest: .max)
        return try backing(address: address, length: length, extent: extent).map(\.range)
    }

    private func backing(
        address: UInt64, length: UInt64, extent: Extent
    ) throws(RangeViolation) -> [(range: FileRange, pageBytes: UInt64)] {
        // The last region that begins at or below the address.
        var low = 0
        var high = regions.count
        while low < high {
            let middle = (low + high) / 2
            if regions[middle].guestAddress <= address { low = middle + 1 } else { high = middle }
        }
        var index = low - 1
        var position = address
        var left = length
        var found: [(range: FileRange, pageBytes: UInt64)] = []
        while left > 0 {
            guard index >= 0, index < regions.count, regions[index].guestAddress <= position,
                position < regions[index].guestEnd
            else { throw RangeViolation(code: .outsideRAM, extent: extent) }
            let region = regions[index]
            let part = min(left, region.guestEnd - position)
            let offset = region.fileOffset + (position - region.guestAddress)
            if let last = found.last?.range, last.file == region.file, last.end == offset {
                found[found.count - 1].range.length += part
            } else {
                found.append((FileRange(file: region.file, offset: offset, length: part), region.pageBytes))
            }
            position += part
            left -= part
            index += 1
        }
        return found
    }
}
