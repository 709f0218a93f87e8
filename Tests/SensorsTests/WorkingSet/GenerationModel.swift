@testable import Sensors

/// The multi-generational LRU of a kernel, for pages of which the last use is known: four generations, accessed bits
/// that an aging harvests, and the flag of cache that is only read.
struct GenerationModel {
    struct Page {
        var isFile = false
        var isMapped = true
        var generation: UInt64
        var isAccessed = true
        var isReferenced = false
        /// When it was last used, in nanoseconds.
        var used: UInt64
    }

    var pages: [Page] = []
    private(set) var births: [UInt64: UInt64] = [0: 0, 1: 0, 2: 0, 3: 0]
    private(set) var oldest: UInt64 = 0
    private(set) var youngest: UInt64 = 3

    mutating func add(_ count: Int, isFile: Bool, isMapped: Bool, at now: UInt64) {
        let page = Page(
            isFile: isFile, isMapped: isMapped, generation: isMapped ? youngest : oldest, isAccessed: isMapped,
            isReferenced: !isMapped, used: now)
        pages += [Page](repeating: page, count: count)
    }

    mutating func use(_ range: Range<Int>, at now: UInt64) {
        for index in range {
            pages[index].used = now
            if pages[index].isMapped { pages[index].isAccessed = true } else { pages[index].isReferenced = true }
        }
    }

    mutating func age(at now: UInt64) {
        for index in pages.indices where pages[index].isAccessed {
            pages[index].isAccessed = false
            pages[index].generation = youngest
        }
        if youngest - oldest == 3 {
            for index in pages.indices where pages[index].generation == oldest {
                pages[index].generation += 1
                pages[index].isReferenced = false
            }
            births[oldest] = nil
            oldest += 1
        }
        youngest += 1
        births[youngest] = now
    }

    func vector(at now: UInt64) -> LRUVector {
        LRUVector(
            cgroup: 1, path: "/", node: 0,
            generations: (oldest...youngest).map { sequence in
                func bytes(_ isFile: Bool) -> UInt64 {
                    UInt64(pages.count { $0.generation == sequence && $0.isFile == isFile }) * 4096
                }
                return .init(
                    sequence: sequence, age: now - (births[sequence] ?? 0), anonymousBytes: bytes(false),
                    fileBytes: bytes(true))
            })
    }

    /// What was used within this time, in bytes.
    func used(within window: UInt64, at now: UInt64, isFile: Bool) -> UInt64 {
        UInt64(pages.count { $0.isFile == isFile && now - $0.used < window }) * 4096
    }

    /// The flags of a page, as `/proc/kpageflags` has them.
    func flags(_ index: Int) -> PageFlags {
        let page = pages[index]
        var flags: PageFlags = .lru
        if !page.isFile { flags.formUnion([.anonymous, .swapBacked]) }
        if page.isMapped { flags.insert(.mapped) }
        if page.isReferenced { flags.insert(.referenced) }
        return flags
    }
}
