/// A set of integers, kept as sorted ranges that neither overlap nor touch.
public struct FrameSet: Hashable, Sendable {
    /// The ranges in ascending order.
    public private(set) var ranges: [Range<UInt64>] = []

    /// How many integers the set has.
    public private(set) var totalLength: UInt64 = 0

    /// The most ranges that the set may consist of.
    public let maximumCount: Int

    /// An empty set that never grows beyond `maximumCount` ranges.
    public init(maximumCount: Int = .max) {
        self.maximumCount = maximumCount
    }

    /// Whether the set is empty.
    public var isEmpty: Bool { ranges.isEmpty }

    /// Adds every integer of the range. False, and the set unchanged, where that needs more ranges than allowed.
    public mutating func insert(_ range: Range<UInt64>) -> Bool {
        guard !range.isEmpty else { return true }
        // Ranges that merely touch are joined too.
        let first = index { $0.upperBound >= range.lowerBound }
        let end = index { $0.lowerBound > range.upperBound }
        guard first < end else {
            guard ranges.count < maximumCount else { return false }
            ranges.insert(range, at: first)
            totalLength += length(range)
            return true
        }
        let joined =
            min(range.lowerBound, ranges[first].lowerBound)..<max(range.upperBound, ranges[end - 1].upperBound)
        let before = ranges[first..<end].reduce(0) { $0 + length($1) }
        ranges.replaceSubrange(first..<end, with: CollectionOfOne(joined))
        totalLength += length(joined) - before
        return true
    }

    /// Takes out every integer of the range. False, and the set unchanged, where that would split a range into more
    /// pieces than allowed.
    public mutating func remove(_ range: Range<UInt64>) -> Bool {
        guard !range.isEmpty else { return true }
        let first = index { $0.upperBound > range.lowerBound }
        let end = index { $0.lowerBound >= range.upperBound }
        guard first < end else { return true }
        var rest: [Range<UInt64>] = []
        if ranges[first].lowerBound < range.lowerBound {
            rest.append(ranges[first].lowerBound..<range.lowerBound)
        }
        if ranges[end - 1].upperBound > range.upperBound {
            rest.append(range.upperBound..<ranges[end - 1].upperBound)
        }
        guard ranges.count - (end - first) + rest.count <= maximumCount else { return false }
        let before = ranges[first..<end].reduce(0) { $0 + length($1) }
        let after = rest.reduce(0) { $0 + length($1) }
        ranges.replaceSubrange(first..<end, with: rest)
        totalLength -= before - after
        return true
    }

    /// Whether the set has all of the range. The empty range is in every set.
    public func contains(_ range: Range<UInt64>) -> Bool {
        guard !range.isEmpty else { return true }
        let first = index { $0.upperBound > range.lowerBound }
        return first < ranges.count && ranges[first].lowerBound <= range.lowerBound
            && ranges[first].upperBound >= range.upperBound
    }

    /// Whether the set has any integer of the range.
    public func intersects(_ range: Range<UInt64>) -> Bool {
        guard !range.isEmpty else { return false }
        let first = index { $0.upperBound > range.lowerBound }
        return first < ranges.count && ranges[first].lowerBound < range.upperBound
    }

    /// The parts of the range that the set does not have, in ascending order.
    public func gaps(in range: Range<UInt64>) -> [Range<UInt64>] {
        var gaps: [Range<UInt64>] = []
        var position = range.lowerBound
        var at = index { $0.upperBound > range.lowerBound }
        while position < range.upperBound, at < ranges.count, ranges[at].lowerBound < range.upperBound {
            if ranges[at].lowerBound > position { gaps.append(position..<ranges[at].lowerBound) }
            position = ranges[at].upperBound
            at += 1
        }
        if position < range.upperBound { gaps.append(position..<range.upperBound) }
        return gaps
    }

    /// The first range that fulfils a condition which all later ones fulfil too.
    private func index(_ condition: (Range<UInt64>) -> Bool) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if condition(ranges[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// How many integers a range has; `count` would trap beyond 2⁶³.
private func length(_ range: Range<UInt64>) -> UInt64 { range.upperBound - range.lowerBound }
