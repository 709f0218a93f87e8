import SystemPackage

/// Where the guest's memory lies, from `/proc/iomem`.
struct PhysicalMemory: Sendable, Hashable {
    /// Frame numbers of whole 4 KiB frames, ascending.
    var frames: [Range<UInt64>]

    /// How many frames there are.
    var frameCount: UInt64 { frames.reduce(0 as UInt64) { $0.adding(UInt64($1.count)) } }

    /// The ranges named System RAM; nil where they cannot be read: without CAP_SYS_ADMIN the kernel shows zeros.
    static func read(_ roots: SensorRoots) -> PhysicalMemory? {
        guard let bytes = try? TextFile.read(roots.proc.appending("iomem")) else { return nil }
        let memory = parse(bytes)
        return memory.frames.isEmpty ? nil : memory
    }

    static func parse(_ bytes: [UInt8]) -> PhysicalMemory {
        var frames: [Range<UInt64>] = []
        for line in KernelText.lines(bytes) where line.first != UInt8(ascii: " ") {
            let words = KernelText.words(line)
            guard words.count >= 4, words[2].elementsEqual("System".utf8), words[3].elementsEqual("RAM".utf8) else {
                continue
            }
            let ends = words[0].split(separator: UInt8(ascii: "-"))
            guard ends.count == 2, let first = UInt64(KernelText.text(ends[0]), radix: 16),
                let last = UInt64(KernelText.text(ends[1]), radix: 16), first < last, last < 1 << 52
            else { continue }
            let range = (first + 4095) / 4096..<max((last + 1) / 4096, (first + 4095) / 4096)
            guard !range.isEmpty, range.lowerBound >= frames.last?.upperBound ?? 0 else { continue }
            frames.append(range)
        }
        return PhysicalMemory(frames: frames)
    }

    /// Frames at which samples begin: one in each of `count` equal parts of memory, at random in it, `size` frames
    /// each. Fewer where memory is small. The same seed gives the same sample.
    func sample(_ count: Int, size: UInt64, seed: UInt64) -> [UInt64] {
        let units: [UInt64] = frames.map { UInt64($0.count) / max(size, 1) }
        let all: UInt64 = units.reduce(0 as UInt64) { $0.adding($1) }
        let wanted = min(UInt64(clamping: count), all)
        guard wanted > 0 else { return [] }
        var dice = seed
        var starts: [UInt64] = []
        starts.reserveCapacity(Int(clamping: wanted))
        var range = 0
        var passed: UInt64 = 0
        for part in 0..<wanted {
            let begin = all.scaled(part, over: wanted)
            let end = max(all.scaled(part + 1, over: wanted), begin + 1)
            // Knuth's constants (MMIX); the upper bits are the good ones.
            dice = dice &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let unit = begin + (dice >> 33) % (end - begin)
            while range < units.count - 1, unit >= passed + units[range] {
                passed += units[range]
                range += 1
            }
            starts.append(frames[range].lowerBound + (unit - passed) * size)
        }
        return starts
    }
}
