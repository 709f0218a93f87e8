/// Which chunk holds which frames: sorted runs that do not overlap, each with its owner.
struct OwnedFrames: Hashable, Sendable {
    /// One run of frames of one chunk.
    struct Entry: Hashable, Sendable {
        var frames: Range<UInt64>
        var chunk: UInt64
    }

    /// The runs by frame number.
    private(set) var entries: [Entry] = []

    /// Books sorted, disjoint runs for a chunk, whoever had them before, in one pass over the affected runs.
    ///
    /// Returns how many frames other chunks lost by it.
    mutating func assign(_ frames: [Range<UInt64>], to chunk: UInt64) -> [UInt64: UInt64] {
        guard let first = frames.first, let last = frames.last else { return [:] }
        let low = index { $0.frames.upperBound > first.lowerBound }
        let high = index { $0.frames.lowerBound >= last.upperBound }
        var lost: [UInt64: UInt64] = [:]
        var kept: [Entry] = []
        var next = 0
        for entry in entries[low..<max(low, high)] {
            var position = entry.frames.lowerBound
            while next < frames.count, frames[next].upperBound <= position { next += 1 }
            var at = next
            while position < entry.frames.upperBound, at < frames.count,
                frames[at].lowerBound < entry.frames.upperBound
            {
                if frames[at].lowerBound > position {
                    kept.append(Entry(frames: position..<frames[at].lowerBound, chunk: entry.chunk))
                }
                let cut = max(position, frames[at].lowerBound)..<min(entry.frames.upperBound, frames[at].upperBound)
                if entry.chunk != chunk { lost[entry.chunk, default: 0] += cut.upperBound - cut.lowerBound }
                position = cut.upperBound
                at += 1
            }
            if position < entry.frames.upperBound {
                kept.append(Entry(frames: position..<entry.frames.upperBound, chunk: entry.chunk))
            }
        }
        var merged: [Entry] = []
        merged.reserveCapacity(kept.count + frames.count)
        var old = 0
        for range in frames {
            while old < kept.count, kept[old].frames.lowerBound < range.lowerBound {
                merged.append(kept[old])
                old += 1
            }
            merged.append(Entry(frames: range, chunk: chunk))
        }
        merged.append(contentsOf: kept[old...])
        entries.replaceSubrange(low..<max(low, high), with: merged)
        return lost
    }

    /// Forgets every run of these chunks.
    mutating func remove(_ chunks: Set<UInt64>) {
        guard !chunks.isEmpty else { return }
        entries.removeAll { chunks.contains($0.chunk) }
    }

    private func index(_ condition: (Entry) -> Bool) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if condition(entries[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
