import Linux
import SystemPackage
import Wire

/// Discards what a guest offered, and nothing else.
///
/// The steps, each of which can refuse the whole offer: the session is open; the offer is fresh; every range is RAM
/// of this VM, aligned to what backs it, and named once; every page carries the stamp of its address, this session
/// and this chunk; the session is still open and the offer still fresh. Then range after range is punched, each only
/// while the session is open and the offer fresh, and what is really gone is measured.
///
/// In strict mode the caller pauses the VM between ``prepare(_:fence:)`` and ``commit(_:rereading:)`` and lets the
/// stamps be read again while it stands still. All calls block; run them on a thread pool.
///
/// Frames of other chunks in flight are the business of the ``RangeBook``, which the caller asks first.
public struct DiscardEngine: Sendable {
    /// Why an engine cannot be made.
    public struct MissingLock: Error, Hashable, Sendable, CustomStringConvertible {
        /// The file that backs the RAM and is not locked.
        public var file: FileKey

        /// The cause in one sentence.
        public var description: String { "the RAM file \(file) is not locked by this daemon, so nothing is discarded" }
    }

    /// How old an offer may grow before its last range is discarded, in nanoseconds.
    public static let longestAge: UInt64 = 1_000_000_000

    /// `CLOCK_BOOTTIME` in nanoseconds, the clock of every offer.
    public static let bootTime: @Sendable () -> UInt64 = { BoottimeClock.now() }

    /// The VM's RAM.
    public let map: MemoryMap
    /// What one message may claim.
    public let limits: OfferLimits
    private let locks: [FileKey: FileLock]
    private let clock: @Sendable () -> UInt64

    /// An engine for one VM, which keeps the locks of all its RAM files for as long as it lives.
    ///
    /// - Parameter clock: `CLOCK_BOOTTIME` in nanoseconds.
    public init(
        map: MemoryMap, locks: [FileLock], limits: OfferLimits = .standard,
        clock: @escaping @Sendable () -> UInt64 = DiscardEngine.bootTime
    ) throws(MissingLock) {
        let byKey = Dictionary(locks.map { ($0.file.key, $0) }, uniquingKeysWith: { first, _ in first })
        for file in map.files where byKey[file] == nil { throw MissingLock(file: file) }
        self.map = map
        self.locks = byKey
        self.limits = limits
        self.clock = clock
    }

    /// Checks and discards an offer. An outcome is always an answer for the guest.
    public func discard(_ offer: DiscardOffer, fence: SessionFence) -> DiscardOutcome {
        switch prepare(offer, fence: fence) {
        case .refused(let outcome): outcome
        case .ready(let prepared): commit(prepared, rereading: false)
        }
    }

    /// The result of ``DiscardEngine/prepare(_:fence:)``.
    public enum Preparation: Sendable {
        /// Every check passed and every stamp was right.
        case ready(PreparedDiscard)
        /// Nothing was discarded and nothing may be.
        case refused(DiscardOutcome)
    }

    /// Makes every check, and reads the stamps.
    public func prepare(_ offer: DiscardOffer, fence: SessionFence) -> Preparation {
        FailPoint.hit("host.received")
        var timings = DiscardOutcome.Timings()
        if let refusal = standing(offer, fence) { return .refused(outcome(refusal, offer)) }
        let runs: [StampVerifier.Run]
        let ranges: [FileRange]
        do throws(RangeViolation) {
            (runs, ranges) = try locate(offer.extents)
        } catch {
            return .refused(
                DiscardOutcome(
                    .refusedRange, offered: offered(offer), detail: error.description, violation: error))
        }
        FailPoint.hit("host.checked")
        if let refusal = stamps(offer, runs, fence, &timings) { return .refused(refusal) }
        FailPoint.hit("host.stamped")
        let bytes = ranges.reduce(0) { $0 + $1.length }
        return .ready(
            PreparedDiscard(offer: offer, bytes: bytes, fence: fence, runs: runs, ranges: ranges, timings: timings))
    }

    /// Discards a prepared offer and measures what is gone.
    ///
    /// - Parameter rereading: read the stamps once more first; always true where anything happened since `prepare`.
    public func commit(_ prepared: PreparedDiscard, rereading: Bool) -> DiscardOutcome {
        let offer = prepared.offer
        var timings = prepared.timings
        if let refusal = standing(offer, prepared.fence) { return outcome(refusal, offer) }
        if rereading, let refusal = stamps(offer, prepared.runs, prepared.fence, &timings) { return refusal }
        let begin = clock()
        let hugeBefore = hugeResident(prepared)
        var failure: Refusal?
        var punched = 0
        for range in prepared.ranges {
            if punched > 0 { FailPoint.hit("host.punching") }
            failure = punch(range, of: offer, fence: prepared.fence)
            if failure != nil { break }
            punched += 1
        }
        FailPoint.hit("host.punched")
        timings.punching = since(begin)
        if let failure, punched == 0, failure.status != .failed { return outcome(failure, offer) }
        var result = DiscardOutcome(.discarded, offered: prepared.bytes, detail: "", timings: timings)
        if let failure {
            result.status = .failed
            result.detail = "\(failure.detail), after \(punched) of \(prepared.ranges.count) ranges"
        }
        result.ranges = punched
        measure(prepared, hugeBefore, &result)
        return result
    }

    private struct Refusal {
        var status: OfferResult.Status
        var detail: String

        static let ended = Refusal(status: .refusedState, detail: "the session has ended")
        static let stale = Refusal(status: .refusedStale, detail: "the offer grew older than one second")
    }

    /// What forbids to go on now, whatever the offer says.
    private func standing(_ offer: DiscardOffer, _ fence: SessionFence) -> Refusal? {
        guard fence.isOpen else { return .ended }
        let now = clock()
        guard now >= offer.receivedAt, now - offer.receivedAt <= Self.longestAge else { return .stale }
        return nil
    }

    private func punch(_ range: FileRange, of offer: DiscardOffer, fence: SessionFence) -> Refusal? {
        let attempt: Refusal?? = fence.inside {
            // The age is read inside: a daemon that was frozen right here finds the offer stale when it thaws.
            if let refusal = standing(offer, fence) { return refusal }
            guard let file = locks[range.file]?.file else {
                return Refusal(status: .failed, detail: "a RAM file is gone")
            }
            do throws(LinuxError) {
                try file.punch(range)
                return nil
            } catch {
                return Refusal(status: .failed, detail: error.description)
            }
        }
        switch attempt {
        case .none: return .ended
        case .some(let refusal): return refusal
        }
    }

    private func locate(
        _ extents: [Extent]
    ) throws(RangeViolation) -> (runs: [StampVerifier.Run], ranges: [FileRange]) {
        var runs: [StampVerifier.Run] = []
        for frames in try RangeViolation.frames(of: extents, limits: limits) {
            let extent = Extent(firstFrame: frames.lowerBound, frames: frames.upperBound - frames.lowerBound)
            var address = extent.firstFrame * MemoryMap.frameBytes
            for range in try map.translate(extent, longest: limits.chunkBytes) {
                runs.append(StampVerifier.Run(guestAddress: address, range: range))
                address += range.length
            }
        }
        // Frames that differ have bytes that differ in a valid map; this is the second lock on the door.
        guard let ranges = FileRange.coalesced(runs.map(\.range)) else { throw RangeViolation(code: .overlapsItself) }
        return (runs, ranges)
    }

    private func stamps(
        _ offer: DiscardOffer, _ runs: [StampVerifier.Run], _ fence: SessionFence,
        _ timings: inout DiscardOutcome.Timings
    ) -> DiscardOutcome? {
        let begin = clock()
        defer { timings.verifying += since(begin) }
        do throws(StampVerifier.Failure) {
            try StampVerifier(nonce: offer.nonce, chunk: offer.chunk).verify(runs, files: locks)
        } catch {
            switch error {
            case .stamp(let fault):
                return DiscardOutcome(
                    .refusedStamp, offered: offered(offer), detail: fault.description, fault: fault)
            case .read(let errno):
                return outcome(Refusal(status: .failed, detail: "cannot read the stamps (\(errno))"), offer)
            }
        }
        return standing(offer, fence).map { outcome($0, offer) }
    }

    /// What huge files of the offer occupy. hugetlbfs knows no holes (`SEEK_HOLE` finds the file's end), so what is gone
    /// there is measured by the whole file; a guest that touches other pages meanwhile makes it less, never more.
    private func hugeResident(_ prepared: PreparedDiscard) -> UInt64 {
        hugeFiles(prepared).reduce(0) { $0 + ((try? $1.residentBytes()) ?? 0) }
    }

    private func hugeFiles(_ prepared: PreparedDiscard) -> [RAMFile] {
        let keys = Set(prepared.ranges.map(\.file))
        return locks.filter { keys.contains($0.key) && $0.value.file.backing == .hugetlbfs }.map(\.value.file)
    }

    private func measure(_ prepared: PreparedDiscard, _ hugeBefore: UInt64, _ result: inout DiscardOutcome) {
        let begin = clock()
        var left: UInt64 = 0
        do throws(RAMFileError) {
            let huge = hugeFiles(prepared)
            if !huge.isEmpty {
                let keys = Set(huge.map(\.key))
                let offered = prepared.ranges.filter { keys.contains($0.file) }.reduce(0) { $0 + $1.length }
                var now: UInt64 = 0
                for file in huge { now += try file.residentBytes() }
                left += offered - min(offered, hugeBefore - min(now, hugeBefore))
            }
            for (key, lock) in locks where lock.file.backing == .tmpfs {
                let ranges = prepared.ranges.filter { $0.file == key }
                if !ranges.isEmpty { left += try lock.file.residentBytes(in: ranges) }
            }
            result.discardedBytes = prepared.bytes - min(left, prepared.bytes)
        } catch {
            // What cannot be measured is not credited; the pages may be gone all the same.
            result.status = .failed
            result.detail = error.description
        }
        result.timings.measuring = since(begin)
    }

    private func outcome(_ refusal: Refusal, _ offer: DiscardOffer) -> DiscardOutcome {
        DiscardOutcome(refusal.status, offered: offered(offer), detail: refusal.detail)
    }

    private func offered(_ offer: DiscardOffer) -> UInt64 { Extent.totalBytes(offer.extents) ?? 0 }

    private func since(_ begin: UInt64) -> UInt64 {
        let now = clock()
        return now > begin ? now - begin : 0
    }
}
