/// Ages of page cache that nobody maps, from a random sample of page frames.
///
/// Such cache is used through file descriptors. That sets no accessed bit, but a flag of the page (PG_referenced), and
/// an aging of the multi-generational LRU clears it: what is in the oldest generation moves into the next and loses
/// the flag on the way (`folio_inc_gen` of mm/vmscan.c, in 6.1 and 6.12). So a flag seen just before an aging means use
/// since the aging before. Where a flag was not cleared, the page counts as used: the safe side.
struct CacheAges: Sendable {
    /// How many frames lie side by side in a sample: one read of the kernel's file tells as many.
    static let frames = 8

    /// Where the samples begin, as frame numbers.
    let starts: [UInt64]
    /// For each frame: 0 where it holds no such cache, else the last observation that found it used, plus 1.
    private var marks: [UInt16]
    /// When observations were, in nanoseconds; the oldest are dropped.
    private var times: [UInt64] = []
    private var mappedFiles = 0
    private var isShared: [Bool]

    /// A sample at these frames.
    init(starts: [UInt64]) {
        self.starts = starts
        marks = [UInt16](repeating: 0, count: starts.count * Self.frames)
        isShared = [Bool](repeating: false, count: marks.count)
    }

    /// How many observations there were since they were last forgotten.
    var observations: Int { times.count }

    /// Looks at all frames.
    /// - Parameter flags: The flags of the frames of one sample; fewer where they cannot be read.
    mutating func observe(at now: UInt64, flags: (UInt64) -> [PageFlags]) {
        forgetOldest()
        times.append(now)
        let mark = UInt16(clamping: times.count)
        mappedFiles = 0
        for (sample, start) in starts.enumerated() {
            let found = flags(start)
            for frame in 0..<Self.frames {
                let index = sample * Self.frames + frame
                let flag = frame < found.count ? found[frame] : .none
                switch flag.kind {
                case .unmappedFile, .unmappedShared:
                    // What was not there before is as good as used: it was just read, or unmapped.
                    if marks[index] == 0 || flag.contains(.referenced) { marks[index] = mark }
                    isShared[index] = flag.kind == .unmappedShared
                case .mappedFile:
                    mappedFiles += 1
                    marks[index] = 0
                case .anonymous, .other: marks[index] = 0
                }
            }
        }
    }

    /// Samples of page cache that nobody maps.
    var unmappedFileSamples: Int { zip(marks, isShared).reduce(0) { $1.0 > 0 && !$1.1 ? $0 + 1 : $0 } }

    /// Samples of tmpfs that nobody maps.
    var unmappedSharedSamples: Int { zip(marks, isShared).reduce(0) { $1.0 > 0 && $1.1 ? $0 + 1 : $0 } }

    /// How much of this much page cache nobody maps, in bytes.
    func unmappedFileBytes(of bytes: UInt64) -> UInt64 {
        let unmapped = unmappedFileSamples
        return bytes.scaled(UInt64(unmapped), over: UInt64(unmapped + mappedFiles))
    }

    /// How much tmpfs nobody maps, in bytes, when memory has this many frames.
    func unmappedSharedBytes(frames: UInt64) -> UInt64 {
        frames.multiplied(4096).scaled(UInt64(unmappedSharedSamples), over: UInt64(marks.count))
    }

    /// Spreads bytes of one node over the ages at the last observation.
    func classes(node: UInt32, fileBytes: UInt64, sharedBytes: UInt64) -> [AgeClass] {
        guard let now = times.last else { return [] }
        var counts = [(file: UInt64, shared: UInt64)](repeating: (0, 0), count: times.count)
        for (mark, shared) in zip(marks, isShared) where mark > 0 {
            if shared { counts[Int(mark) - 1].shared += 1 } else { counts[Int(mark) - 1].file += 1 }
        }
        let files = counts.reduce(0) { $0 + $1.file }
        let shareds = counts.reduce(0) { $0 + $1.shared }
        return counts.indices.compactMap { index in
            guard counts[index].file > 0 || counts[index].shared > 0 else { return nil }
            return AgeClass(
                node: node, minimumIdle: now.less(times[index]),
                maximumIdle: index == 0 ? nil : now.less(times[index - 1]),
                anonymousBytes: sharedBytes.scaled(counts[index].shared, over: shareds),
                fileBytes: fileBytes.scaled(counts[index].file, over: files))
        }
    }

    /// Keeps at most so many observations; what was used at forgotten ones, is older than all ages of interest.
    private static let most = 256

    private mutating func forgetOldest() {
        guard times.count >= Self.most else { return }
        let half = Self.most / 2
        times.removeFirst(half)
        for index in marks.indices where marks[index] > 0 {
            marks[index] = UInt16(max(Int(marks[index]) - half, 1))
        }
    }
}
