/// A run of neighbouring guest page frames.
public struct Extent: Sendable, Hashable {
    /// Bytes of a frame.
    public static let frameBytes: UInt64 = 4096
    /// The most numbers (two for each extent) in one message.
    public static let maximumNumbers = 16_384
    /// The highest frame number that is accepted: 52 bits of physical address.
    public static let maximumFrame: UInt64 = (1 << 40) - 1

    /// Page frame number of the first frame.
    public var firstFrame: UInt64
    /// Number of frames, at least 1 in an accepted message.
    public var frames: UInt64

    /// A run of `frames` frames from `firstFrame`.
    public init(firstFrame: UInt64, frames: UInt64) {
        self.firstFrame = firstFrame
        self.frames = frames
    }

    /// Guest-physical address of the first byte. Meaningful for extents that ``decode(_:)`` accepted.
    public var address: UInt64 { firstFrame &* Extent.frameBytes }
    /// Length in bytes. Meaningful for extents that ``decode(_:)`` accepted.
    public var bytes: UInt64 { frames &* Extent.frameBytes }

    /// The alternating numbers of a message.
    public static func encode(_ extents: [Extent]) -> [UInt64] {
        var numbers: [UInt64] = []
        numbers.reserveCapacity(extents.count * 2)
        for extent in extents {
            numbers.append(extent.firstFrame)
            numbers.append(extent.frames)
        }
        return numbers
    }

    /// The extents of a message's alternating numbers; nil where the count is odd or above ``maximumNumbers``, a run is
    /// empty, or one ends beyond ``maximumFrame`` (so that no address of an accepted extent wraps).
    public static func decode(_ numbers: [UInt64]) -> [Extent]? {
        guard numbers.count % 2 == 0, numbers.count <= maximumNumbers else { return nil }
        var extents: [Extent] = []
        extents.reserveCapacity(numbers.count / 2)
        for index in stride(from: 0, to: numbers.count, by: 2) {
            let (first, frames) = (numbers[index], numbers[index + 1])
            guard frames > 0, first <= maximumFrame, frames <= maximumFrame, first + frames - 1 <= maximumFrame else {
                return nil
            }
            extents.append(Extent(firstFrame: first, frames: frames))
        }
        return extents
    }

    /// The sum of the extents' bytes, nil on overflow.
    public static func totalBytes(_ extents: [Extent]) -> UInt64? {
        var total: UInt64 = 0
        for extent in extents {
            let (product, wrapped) = extent.frames.multipliedReportingOverflow(by: frameBytes)
            let (sum, carried) = total.addingReportingOverflow(product)
            if wrapped || carried { return nil }
            total = sum
        }
        return total
    }
}
