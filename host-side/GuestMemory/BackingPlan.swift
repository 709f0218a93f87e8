public import Wire

/// Which bytes of a VM's files are to be backed again. Backing fills holes with zeroed pages and changes nothing else,
/// so too much of it costs memory and never contents.
public enum BackingPlan {
    /// The longest single call, so that others have their turn.
    static let sliceBytes: UInt64 = 64 << 20

    /// What the extents' bytes are, in slices, whole pages of what backs them; what lies outside the map is left out.
    public static func ranges(of frames: [Range<UInt64>], in map: MemoryMap) -> [FileRange] {
        var found: [FileRange] = []
        for run in frames {
            let extent = Extent(firstFrame: run.lowerBound, frames: run.upperBound - run.lowerBound)
            found += (try? map.backing(of: extent)) ?? []
        }
        return sliced(aligned(found, in: map))
    }

    /// Everything of the map but those frames.
    public static func everything(but frames: [Range<UInt64>], in map: MemoryMap) -> [FileRange] {
        var gaps: [Range<UInt64>] = []
        let held = frames.sorted { $0.lowerBound < $1.lowerBound }
        for region in map.regions {
            var next = region.guestAddress / MemoryMap.frameBytes
            let end = (region.guestAddress + region.length) / MemoryMap.frameBytes
            for run in held where run.upperBound > next && run.lowerBound < end {
                if run.lowerBound > next { gaps.append(next..<min(run.lowerBound, end)) }
                next = max(next, run.upperBound)
                if next >= end { break }
            }
            if next < end { gaps.append(next..<end) }
        }
        return ranges(of: gaps, in: map)
    }

    /// Rounded outwards to whole pages: hugetlbfs backs those anyway.
    private static func aligned(_ ranges: [FileRange], in map: MemoryMap) -> [FileRange] {
        let pages = Dictionary(map.regions.map { ($0.file, $0.pageBytes) }, uniquingKeysWith: { max($0, $1) })
        var joined: [FileRange] = []
        let sorted = ranges.sorted {
            ($0.file.device, $0.file.inode, $0.offset) < ($1.file.device, $1.file.inode, $1.offset)
        }
        for range in sorted {
            let page = pages[range.file] ?? MemoryMap.frameBytes
            let start = range.offset / page * page
            let end = (range.offset + range.length + page - 1) / page * page
            if let last = joined.last, last.file == range.file, last.end >= start {
                joined[joined.count - 1].length = max(last.end, end) - last.offset
            } else {
                joined.append(FileRange(file: range.file, offset: start, length: end - start))
            }
        }
        return joined
    }

    private static func sliced(_ ranges: [FileRange]) -> [FileRange] {
        ranges.flatMap { range in
            stride(from: 0, to: range.length, by: Int(sliceBytes)).map { start in
                FileRange(
                    file: range.file, offset: range.offset + start, length: min(sliceBytes, range.length - start))
            }
        }
    }
}
