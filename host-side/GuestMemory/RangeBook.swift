public import Wire

/// The host's book of one guest's balloon in one session: which frames are in flight, which are held by which chunk.
///
/// It is a pure value. The caller books an offer before it is handed to the ``DiscardEngine`` and closes the booking
/// *before* it acknowledges, so that a frame stays in flight for as long as the host may touch it. Nothing of it
/// persists: a new session starts with an empty book and the guest's inventory.
///
/// Held frames drift, since the guest's kernel may move them once they are no longer pinned: a frame that is booked
/// for one chunk and then named by another is booked for the newer one.
public struct RangeBook: Sendable {
    /// A chunk between its offer and the acknowledgement.
    struct Flight: Sendable {
        var frames: [Range<UInt64>]
        var bytes: UInt64
        var again: Bool
    }

    /// What is known of a held chunk.
    struct Held: Sendable {
        /// What the guest holds, in bytes.
        var bytes: UInt64
        /// What of it the host measured as gone, in bytes; 0 for chunks known from an inventory only.
        var gone: UInt64
    }

    /// What a message that a chunk was released meant.
    public enum Release: Hashable, Sendable {
        /// The chunk was held.
        case released(bytes: UInt64, credited: UInt64)
        /// The chunk was in no book: one that was refused, or a lie.
        case unknown
        /// The chunk is in flight, and no guest may release such a chunk: the session has to end.
        case inFlight
    }

    /// The RAM that the frames must be in.
    public let map: MemoryMap
    /// What one guest may claim.
    public let limits: OfferLimits

    private var flights: [UInt64: Flight] = [:]
    private var framesInFlight = FrameSet()
    private var chunks: [UInt64: Held] = [:]
    private var owners = OwnedFrames()

    /// Bytes held by the guest's balloon, as the guest reports them and the host booked them.
    public private(set) var heldBytes: UInt64 = 0
    /// Bytes of held chunks that the host measured as gone.
    public private(set) var creditedBytes: UInt64 = 0
    /// Bytes that were measured as gone since the session began, given back or not.
    public private(set) var discardedBytes: UInt64 = 0

    /// An empty book for the VM with this map.
    public init(map: MemoryMap, limits: OfferLimits = .standard) {
        self.map = map
        self.limits = limits
    }

    /// Bytes between offer and acknowledgement.
    public var inFlightBytes: UInt64 { framesInFlight.totalLength * MemoryMap.frameBytes }
    /// How many chunks are between offer and acknowledgement.
    public var inFlightCount: Int { flights.count }
    /// How many chunks are held.
    public var heldCount: Int { chunks.count }
    /// How many separate runs of frames are booked as held.
    public var heldRangeCount: Int { owners.entries.count }

    /// Books a chunk as in flight. After a throw nothing of the message is booked and nothing may be discarded.
    ///
    /// - Parameter again: the offer names a part of a chunk that is held already.
    public mutating func begin(chunk: UInt64, extents: [Extent], again: Bool = false) throws(RangeViolation) {
        let frames = try check(chunk: chunk, extents: extents)
        guard flights.count < limits.chunksInFlight else { throw RangeViolation(code: .tooManyInFlight) }
        guard chunks[chunk] != nil || chunks.count + flights.count < limits.chunks,
            owners.entries.count + framesInFlight.ranges.count + 2 * frames.count <= limits.heldRanges
        else { throw RangeViolation(code: .tooManyHeld) }
        for range in frames { _ = framesInFlight.insert(range) }
        flights[chunk] = Flight(frames: frames, bytes: Self.bytes(frames), again: again)
    }

    /// Ends the flight of a chunk: held where it was discarded, forgotten where it was refused.
    ///
    /// - Parameter discarded: bytes that the engine measured as gone, or nil where the offer was refused or failed.
    public mutating func finish(chunk: UInt64, discarded: UInt64?) {
        guard let flight = flights.removeValue(forKey: chunk) else { return }
        for range in flight.frames { _ = framesInFlight.remove(range) }
        guard let discarded else { return }
        discardedBytes += discarded
        hold(chunk: chunk, flight: flight, gone: min(discarded, flight.bytes))
    }

    /// Books what the guest says it holds; nothing of it was measured.
    public mutating func inventory(chunk: UInt64, extents: [Extent]) throws(RangeViolation) {
        let frames = try check(chunk: chunk, extents: extents)
        guard chunks[chunk] != nil || chunks.count + flights.count < limits.chunks,
            owners.entries.count + framesInFlight.ranges.count + 2 * frames.count <= limits.heldRanges
        else { throw RangeViolation(code: .tooManyHeld) }
        hold(chunk: chunk, flight: Flight(frames: frames, bytes: Self.bytes(frames), again: false), gone: 0)
    }

    /// Takes chunks out of the book, in one pass; the answers are in the order of the chunks.
    public mutating func release(_ released: [UInt64]) -> [Release] {
        var gone: Set<UInt64> = []
        let answers = released.map { chunk -> Release in
            if flights[chunk] != nil { return .inFlight }
            guard let held = forget(chunk) else { return .unknown }
            gone.insert(chunk)
            return .released(bytes: held.bytes, credited: held.gone)
        }
        owners.remove(gone)
        return answers
    }

    /// The frames booked for each held chunk, for audits.
    public func heldFrames() -> [UInt64: [Range<UInt64>]] {
        var frames: [UInt64: [Range<UInt64>]] = [:]
        for entry in owners.entries { frames[entry.chunk, default: []].append(entry.frames) }
        return frames
    }

    /// Bytes held by one chunk, nil where it is not held.
    public func heldBytes(of chunk: UInt64) -> UInt64? { chunks[chunk]?.bytes }

    private func check(chunk: UInt64, extents: [Extent]) throws(RangeViolation) -> [Range<UInt64>] {
        let frames = try RangeViolation.frames(of: extents, limits: limits)
        for extent in extents { try map.requireRAM(extent, longest: limits.chunkBytes) }
        if flights[chunk] != nil { throw RangeViolation(code: .chunkInFlight) }
        for range in frames where framesInFlight.intersects(range) {
            let extent = Extent(firstFrame: range.lowerBound, frames: range.upperBound - range.lowerBound)
            throw RangeViolation(code: .overlapsInFlight, extent: extent)
        }
        return frames
    }

    private mutating func hold(chunk: UInt64, flight: Flight, gone: UInt64) {
        var held = Held(bytes: flight.bytes, gone: gone)
        if let before = forget(chunk) {
            if flight.again, flight.bytes < before.bytes {
                // A part of the chunk moved. Where it was before is unknown, so its old places stay booked until the
                // chunk is offered as a whole; the chunk is no larger for it.
                held = Held(bytes: before.bytes, gone: min(before.bytes, before.gone + gone))
            } else {
                owners.remove([chunk])
            }
        }
        chunks[chunk] = held
        heldBytes += held.bytes
        creditedBytes += held.gone
        for (loser, frames) in owners.assign(flight.frames, to: chunk) {
            take(frames * MemoryMap.frameBytes, from: loser)
        }
    }

    /// Frames that were booked for a chunk turned out to be another's: what was measured for them was given back.
    private mutating func take(_ bytes: UInt64, from chunk: UInt64) {
        guard var held = chunks[chunk] else { return }
        let lost = min(held.gone, bytes)
        held.gone -= lost
        creditedBytes -= lost
        chunks[chunk] = held
    }

    private mutating func forget(_ chunk: UInt64) -> Held? {
        guard let held = chunks.removeValue(forKey: chunk) else { return nil }
        heldBytes -= held.bytes
        creditedBytes -= held.gone
        return held
    }

    private static func bytes(_ frames: [Range<UInt64>]) -> UInt64 {
        frames.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } * MemoryMap.frameBytes
    }
}
