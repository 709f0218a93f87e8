import Testing

@testable import Sensors

private let second: UInt64 = 1_000_000_000

@Suite("Ages of page cache that nobody maps")
struct CacheAgesTests {
    @Test("A flag means use since the observation before; new cache is as good as used; what is mapped is left out")
    func observes() {
        var ages = CacheAges(starts: [0])
        var flags: [PageFlags] = [
            [.lru, .referenced], .lru, [.lru, .mapped], [.lru, .anonymous], [.lru, .swapBacked], [], [], [],
        ]
        ages.observe(at: 100 * second) { _ in flags }
        #expect(ages.unmappedFileSamples == 2)
        #expect(ages.unmappedSharedSamples == 1)
        #expect(ages.unmappedFileBytes(of: 300) == 200)
        #expect(ages.unmappedSharedBytes(frames: 80) == 10 * 4096)
        // Nothing is known yet but that it is there.
        #expect(
            ages.classes(node: 3, fileBytes: 200, sharedBytes: 50)
                == [AgeClass(node: 3, minimumIdle: 0, maximumIdle: nil, anonymousBytes: 50, fileBytes: 200)])
        flags[0] = .lru
        flags[1] = [.lru, .referenced]
        flags[5] = .lru
        ages.observe(at: 160 * second) { _ in flags }
        #expect(ages.unmappedFileSamples == 3)
        let classes = ages.classes(node: 0, fileBytes: 300, sharedBytes: 50)
        #expect(
            classes == [
                AgeClass(node: 0, minimumIdle: 60 * second, maximumIdle: nil, anonymousBytes: 50, fileBytes: 100),
                AgeClass(node: 0, minimumIdle: 0, maximumIdle: 60 * second, fileBytes: 200),
            ])
        // What went away and came back is new.
        flags[0] = []
        ages.observe(at: 170 * second) { _ in flags }
        flags[0] = .lru
        ages.observe(at: 180 * second) { _ in flags }
        #expect(
            ages.classes(node: 0, fileBytes: 400, sharedBytes: 0).first { $0.fileBytes > 0 && $0.minimumIdle == 0 }?
                .fileBytes == 266)
    }

    @Test("Hundreds of observations later the ages of what was never used are still large")
    func forgets() {
        var ages = CacheAges(starts: [0, 8])
        for minute in 1...1000 as ClosedRange<UInt64> {
            ages.observe(at: minute * 60 * second) { start in
                [PageFlags](repeating: start == 0 ? .lru : [.lru, .referenced], count: 8)
            }
        }
        #expect(ages.observations <= 256)
        let classes = ages.classes(node: 0, fileBytes: 1000, sharedBytes: 0)
        #expect(classes.map(\.fileBytes) == [500, 500])
        #expect(classes[0].minimumIdle > 3600 * second && classes[0].maximumIdle == nil)
        #expect(classes[1].minimumIdle == 0 && classes[1].maximumIdle == 60 * second)
    }

    @Test("Frames that cannot be read hold nothing")
    func unreadable() {
        var ages = CacheAges(starts: [0, 8])
        ages.observe(at: 1) { _ in [] }
        #expect(ages.unmappedFileSamples == 0)
        #expect(ages.unmappedFileBytes(of: 1000) == 0)
        #expect(ages.classes(node: 0, fileBytes: 1000, sharedBytes: 1000).isEmpty)
        #expect(CacheAges(starts: []).unmappedSharedBytes(frames: 1000) == 0)
    }

    @Test("Cache is taken from the oldest classes first, per node")
    func takes() {
        var classes = [
            AgeClass(node: 0, minimumIdle: 0, maximumIdle: 5, fileBytes: 100),
            AgeClass(node: 0, minimumIdle: 50, maximumIdle: nil, fileBytes: 100),
            AgeClass(node: 1, minimumIdle: 20, maximumIdle: nil, anonymousBytes: 9, fileBytes: 100),
        ]
        #expect(classes.takeFileBytes(150) == [0: 100, 1: 50])
        #expect(classes.map(\.fileBytes) == [100, 0, 50])
        #expect(classes.takeFileBytes(1000) == [0: 100, 1: 50])
        #expect(classes.takeAnonymousBytes(5) == [1: 5])
        #expect(classes[2].anonymousBytes == 4)
    }
}
