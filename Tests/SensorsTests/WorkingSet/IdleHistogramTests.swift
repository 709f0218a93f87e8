import Testing

@testable import Sensors

private let second: UInt64 = 1_000_000_000

@Suite("Bytes by idle age")
struct IdleHistogramTests {
    private func histogram(_ buckets: [IdleBucket]) -> IdleHistogram {
        IdleHistogram(method: .mglru, confidence: .high, detail: "", buckets: buckets, measuredAt: 0)
    }

    @Test("A bucket that the age cuts through counts as used; kinds add up")
    func cuts() {
        let histogram = histogram([
            IdleBucket(minimumIdle: 60 * second, maximumIdle: nil, anonymousBytes: 100, fileBytes: 30),
            IdleBucket(minimumIdle: 0, maximumIdle: 15 * second, anonymousBytes: 7),
            IdleBucket(minimumIdle: 15 * second, maximumIdle: 60 * second, fileBytes: 20, unknownBytes: 3),
        ])
        #expect(histogram.buckets.map(\.minimumIdle) == [0, 15 * second, 60 * second])
        #expect(histogram.totalBytes == 160)
        #expect(histogram.bytes(idleForAtLeast: 0) == 160)
        #expect(histogram.bytes(idleForAtLeast: 15 * second) == 153)
        #expect(histogram.bytes(idleForAtLeast: 16 * second) == 130)
        #expect(histogram.anonymousBytes(idleForAtLeast: 16 * second) == 100)
        #expect(histogram.fileBytes(idleForAtLeast: 16 * second) == 30)
        #expect(histogram.workingSet(window: 16 * second) == 30)
        #expect(histogram.workingSet(window: 15 * second) == 7)
        #expect(histogram.bytes(idleForAtLeast: 61 * second) == 0)
    }

    @Test("Memory of unknown age counts as used")
    func unknownAge() {
        let histogram = histogram([IdleBucket(minimumIdle: 0, maximumIdle: nil, fileBytes: 5)])
        #expect(histogram.workingSet(window: 1) == 5)
        #expect(histogram.bytes(idleForAtLeast: 1) == 0)
    }

    @Test("Sums beyond any number saturate")
    func saturates() {
        let huge = IdleBucket(
            minimumIdle: .max, maximumIdle: nil, anonymousBytes: .max, fileBytes: .max, unknownBytes: .max)
        #expect(histogram([huge, huge]).totalBytes == .max)
        #expect(histogram([huge, huge]).workingSet(window: .max) == 0)
    }
}
