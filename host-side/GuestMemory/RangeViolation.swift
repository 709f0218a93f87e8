public import Wire

/// Why the ranges of a message are refused. The message changes nothing, and the session ends.
public struct RangeViolation: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// No extent, or one of zero frames.
        case empty
        /// More bytes than a chunk may have.
        case tooLong
        /// Ends beyond 2⁶⁴.
        case wraps
        /// Names an address that is not RAM of this VM.
        case outsideRAM
        /// Not a multiple of the backing's page size in the file.
        case unaligned
        /// Names a frame twice in one message.
        case overlapsItself
        /// Names a frame that is in flight.
        case overlapsInFlight
        /// The chunk itself is in flight.
        case chunkInFlight
        /// More extents in one message than allowed.
        case tooManyExtents
        /// More chunks, or more separate ranges, than the host books for one guest.
        case tooManyHeld
        /// More chunks in flight than allowed.
        case tooManyInFlight
    }

    /// What is wrong.
    public var code: Code
    /// The extent at fault, where one can be named.
    public var extent: Extent?

    /// Describes a violation.
    public init(code: Code, extent: Extent? = nil) {
        self.code = code
        self.extent = extent
    }

    /// The cause in one sentence.
    public var description: String {
        let cause =
            switch code {
            case .empty: "an extent is empty"
            case .tooLong: "the extents are longer than a chunk may be"
            case .wraps: "an extent wraps around the address space"
            case .outsideRAM: "an extent is not within this VM's RAM"
            case .unaligned: "an extent is not aligned to the pages that back it"
            case .overlapsItself: "a frame is named twice in one message"
            case .overlapsInFlight: "a frame is already in flight"
            case .chunkInFlight: "the chunk is already in flight"
            case .tooManyExtents: "one message has too many extents"
            case .tooManyHeld: "the guest reports more held chunks or ranges than the host books"
            case .tooManyInFlight: "too many chunks are in flight"
            }
        guard let extent else { return cause }
        return "\(cause) (first frame \(hex(extent.firstFrame)), \(extent.frames) frames)"
    }

    /// First address and length of an extent in bytes, where these can exist.
    static func bytes(
        of extent: Extent, longest: UInt64
    ) throws(RangeViolation) -> (address: UInt64, length: UInt64) {
        guard extent.frames > 0 else { throw RangeViolation(code: .empty, extent: extent) }
        let address = extent.firstFrame.multipliedReportingOverflow(by: MemoryMap.frameBytes)
        let length = extent.frames.multipliedReportingOverflow(by: MemoryMap.frameBytes)
        guard !address.overflow, !length.overflow,
            !address.partialValue.addingReportingOverflow(length.partialValue).overflow
        else { throw RangeViolation(code: .wraps, extent: extent) }
        guard length.partialValue <= longest else { throw RangeViolation(code: .tooLong, extent: extent) }
        return (address.partialValue, length.partialValue)
    }

    /// The frames of a message, sorted and joined, after every check that needs no knowledge of other messages.
    static func frames(of extents: [Extent], limits: OfferLimits) throws(RangeViolation) -> [Range<UInt64>] {
        guard !extents.isEmpty else { throw RangeViolation(code: .empty) }
        guard extents.count <= limits.extentsPerChunk else { throw RangeViolation(code: .tooManyExtents) }
        var total: UInt64 = 0
        for extent in extents {
            // At most 2¹³ extents of at most a chunk each: the sum cannot wrap before it is refused.
            total += try bytes(of: extent, longest: limits.chunkBytes).length
            guard total <= limits.chunkBytes else { throw RangeViolation(code: .tooLong, extent: extent) }
        }
        var joined: [Range<UInt64>] = []
        for extent in extents.sorted(by: { $0.firstFrame < $1.firstFrame }) {
            let range = extent.firstFrame..<(extent.firstFrame + extent.frames)
            guard let last = joined.last else {
                joined.append(range)
                continue
            }
            guard last.upperBound <= range.lowerBound else {
                throw RangeViolation(code: .overlapsItself, extent: extent)
            }
            if last.upperBound == range.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<range.upperBound
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}
