/// One look at a random sample of page frames.
struct DamonSample {
    /// The frames.
    var frames: [UInt64]
    /// Those that were not used in the last interval, with the number of intervals for which they were not.
    var idle: [UInt64: UInt64]
    /// What the frames hold; those without count as evictable memory of unknown kind.
    var flags: [UInt64: PageFlags]
    /// How many frames memory has.
    var frameCount: UInt64
    /// How often the frames were looked at, in nanoseconds.
    var interval: UInt64

    private struct Counts {
        var anonymous: [UInt64]
        var file: [UInt64]
        var unknown: [UInt64]
    }

    /// The sample's shares of memory by age.
    /// - Parameter sizes: What is on the kernel's lists: the shares of each kind are taken of it. Without, of all
    ///   frames.
    func buckets(at edges: [UInt64], sizes: ListSizes?) -> [IdleBucket] {
        let counts = count(edges)
        let all = UInt64(frames.count)
        func bytes(_ counts: [UInt64], _ known: UInt64?) -> [UInt64] {
            let sum = counts.reduce(0 as UInt64) { $0.adding($1) }
            // The kernel's own sum has no sampling error; a kind of which the sample has next to nothing is left as is.
            let whole = sum >= 16 ? known ?? 0 : 0
            return counts.map {
                whole > 0 ? whole.scaled($0, over: sum) : frameCount.multiplied(4096).scaled($0, over: all)
            }
        }
        let anonymous = bytes(counts.anonymous, sizes?.anonymous)
        let file = bytes(counts.file, sizes?.file)
        var unknown = bytes(counts.unknown, nil)
        if flags.isEmpty, let sizes { Self.trim(&unknown, to: sizes.anonymous.adding(sizes.file)) }
        return (0...edges.count).compactMap { index in
            let bucket = IdleBucket(
                minimumIdle: index == 0 ? 0 : edges[index - 1],
                maximumIdle: index == edges.count ? nil : edges[index], anonymousBytes: anonymous[index],
                fileBytes: file[index], unknownBytes: unknown[index])
            return bucket.bytes > 0 ? bucket : nil
        }
    }

    /// Frames of unknown content may be free, which looks idle: the sum is cut to the known one, oldest first.
    static func trim(_ parts: inout [UInt64], to sum: UInt64) {
        var excess = parts.reduce(0 as UInt64) { $0.adding($1) }.less(sum)
        for index in parts.indices.reversed() {
            let part = min(parts[index], excess)
            parts[index] -= part
            excess -= part
        }
    }

    private func count(_ edges: [UInt64]) -> Counts {
        let none = [UInt64](repeating: 0, count: edges.count + 1)
        var counts = Counts(anonymous: none, file: none, unknown: none)
        for frame in frames {
            let age = (idle[frame] ?? 0).multiplied(interval)
            let place = edges.firstIndex { age < $0 } ?? edges.count
            switch flags[frame]?.kind {
            case .anonymous, .unmappedShared: counts.anonymous[place] += 1
            case .mappedFile, .unmappedFile: counts.file[place] += 1
            case .other: break
            case nil: counts.unknown[place] += 1
            }
        }
        return counts
    }
}
