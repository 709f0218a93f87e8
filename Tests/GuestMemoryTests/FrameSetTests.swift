import Testing

@testable import GuestMemory

@Suite("Frame set")
struct FrameSetTests {
    @Test("It behaves as a bitmap does", arguments: 0..<20)
    func model(seed: UInt64) {
        var random = Seeded(state: seed)
        var set = FrameSet()
        var bits = [Bool](repeating: false, count: 128)
        for _ in 0..<400 {
            let low = Int.random(in: 0...127, using: &random)
            let range = low..<Int.random(in: low...128, using: &random)
            let frames = UInt64(range.lowerBound)..<UInt64(range.upperBound)
            let short = frames.prefixed(12)
            #expect(set.contains(frames) == range.allSatisfy { bits[$0] })
            #expect(set.intersects(frames) == range.contains { bits[$0] })
            let gaps = set.gaps(in: frames)
            #expect(gaps.flatMap(Array.init) == frames.filter { !bits[Int($0)] })
            #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
            let insert = Bool.random(using: &random)
            let done = insert ? set.insert(short) : set.remove(short)
            #expect(done)
            for frame in short { bits[Int(frame)] = insert }
            #expect(set.totalLength == UInt64(bits.count { $0 }))
            #expect(set.ranges.flatMap(Array.init) == (0..<128).filter { bits[Int($0)] })
            #expect(zip(set.ranges, set.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
            #expect(set.isEmpty == !bits.contains(true))
        }
    }

    @Test("It never grows beyond its bound, and stays as it was where it would")
    func bound() {
        var set = FrameSet(maximumCount: 2)
        #expect(set.insert(0..<10) == true)
        #expect(set.insert(20..<30) == true)
        let before = set
        #expect(set.insert(40..<50) == false)
        #expect(set.remove(4..<5) == false)
        #expect(set == before)
        #expect(set.insert(10..<20) == true)
        #expect(set.ranges == [0..<30])
        #expect(set.remove(10..<20) == true)
        #expect(set.ranges == [0..<10, 20..<30])
    }

    @Test("The ends of the number range do not trap")
    func ends() {
        var set = FrameSet()
        #expect(set.insert(0..<UInt64.max) == true)
        #expect(set.totalLength == .max)
        #expect(set.contains(0..<UInt64.max))
        #expect(set.insert(5..<5) == true)
        #expect(set.remove(1..<UInt64.max) == true)
        #expect(set.ranges == [0..<1])
        #expect(set.gaps(in: 7..<7).isEmpty)
    }
}

extension Range<UInt64> {
    fileprivate func prefixed(_ count: UInt64) -> Range { lowerBound..<Swift.min(upperBound, lowerBound + count) }
}
