/// What is backed before a guest on huge pages may release memory for a higher target, and how far it may go where not
/// all of it can be backed.
///
/// A guest gives whole chunks back, the youngest first. They are backed in that order, so that whatever is backed when
/// the pool runs out is what the guest releases first.
public struct ReleasePlan: Sendable, Hashable {
    /// One chunk that the guest will release.
    public struct Step: Sendable, Hashable {
        /// The chunk's number.
        public let chunk: UInt64
        /// Bytes of it that the guest holds.
        public let bytes: UInt64
        /// Where they lie.
        public let ranges: [FileRange]
    }

    /// The target that was asked for, in bytes.
    public let target: UInt64
    /// Bytes that the guest keeps now.
    public let keptBytes: UInt64
    /// The chunks in the order of their release.
    public let steps: [Step]

    /// The plan for a guest of `vmBytes` whose balloon stands in `book`; without steps where the guest shall release
    /// nothing.
    public init(to target: UInt64, vmBytes: UInt64, book: RangeBook) {
        self.target = target
        keptBytes = vmBytes - min(vmBytes, book.heldBytes)
        var needed = target - min(target, keptBytes)
        var steps: [Step] = []
        if needed > 0 {
            for (chunk, frames) in book.heldFrames().sorted(by: { $0.key > $1.key }) where needed > 0 {
                let bytes = book.heldBytes(of: chunk) ?? 0
                steps.append(
                    Step(chunk: chunk, bytes: bytes, ranges: BackingPlan.ranges(of: frames, in: book.map)))
                needed -= min(needed, bytes)
            }
        }
        self.steps = steps
    }

    /// The target that may be given once the first `count` steps are backed and no more could be.
    public func target(backed count: Int) -> UInt64 {
        guard count < steps.count else { return target }
        return min(target, steps.prefix(count).reduce(keptBytes) { $0 + $1.bytes })
    }
}
