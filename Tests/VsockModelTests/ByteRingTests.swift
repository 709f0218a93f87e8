import Testing
import VsockModel

@Suite("Bytes that wait")
struct ByteRingTests {
    @Test("what goes in comes out, in order and never more than fits", arguments: 0..<20)
    func order(seed: UInt64) {
        var dice = Dice(seed: seed)
        let capacity = dice.one(of: [0, 1, 7, 4096, 10_000, 70_000])
        var ring = ByteRing(capacity: capacity)
        var model: [UInt8] = []
        for _ in 0..<400 {
            if dice.flag() {
                let bytes = dice.bytes(dice.roll(0..<dice.one(of: [2, 100, 9000])))
                let fits = model.count + bytes.count <= capacity
                let taken = ring.append(bytes.span)
                #expect(taken == fits)
                if fits { model += bytes }
            } else {
                let wanted = dice.roll(0..<dice.one(of: [2, 200, 20_000]))
                let seen = ring.take(wanted)
                #expect(Array(model.prefix(seen.count)) == seen)
                #expect(!seen.isEmpty || wanted == 0 || model.isEmpty)
                model.removeFirst(seen.count)
            }
            #expect(ring.count == model.count && ring.room == capacity - model.count)
        }
        ring.removeAll()
        #expect(ring.count == 0 && ring.room == capacity)
    }

    @Test("a body that claims too much is not believed")
    func claims() {
        var ring = ByteRing(capacity: 10)
        let bytes: [UInt8] = [1, 2, 3]
        _ = ring.append(bytes.span)
        let taken = [ring.consume { _ in -5 }, ring.consume { _ in 100 }, ring.consume { $0.count }]
        #expect(taken == [0, 3, 0])
    }
}
