import Testing

@testable import Sensors

private let page: UInt64 = 4096
private let millisecond: UInt64 = 1_000_000

@Suite("Generations of the multi-generational LRU, as the kernel prints them")
struct LRUVectorTests {
    @Test("Every cgroup and node, a path with blanks, the youngest last")
    func reads() throws {
        let vectors = LRUVector.parse(Array(WorkingSetFixtures.generations61.utf8))
        #expect(vectors.map(\.cgroup) == [1, 31, 35])
        #expect(vectors.map(\.path) == ["/", "/ballast-agent", "/system.slice/a service.service"])
        #expect(vectors.map { $0.generations.count } == [4, 4, 2])
        #expect(
            vectors[1].generations[1]
                == LRUVector.Generation(
                    sequence: 5, age: 45005 * millisecond, anonymousBytes: 128 * page, fileBytes: 64 * page))
        #expect(vectors[2].bytes == 7168 * page)
        #expect(vectors.map(\.hasNumber) == [true, true, true])
    }

    @Test("The full file is read the same, and generations that are gone are empty")
    func readsFull() {
        let vectors = LRUVector.parse(Array(WorkingSetFixtures.full61.utf8))
        let generations = vectors.first?.generations ?? []
        #expect(vectors.count == 1)
        #expect(generations.map(\.sequence) == [0, 1, 2, 3])
        #expect(generations.map { $0.anonymousBytes / page } == [0, 120, 77, 2560])
        #expect(generations.map { $0.fileBytes / page } == [0, 340, 0, 1024])
    }

    @Test("A removed cgroup has no number; a kernel without cgroups has one group without a path")
    func numbers() {
        let removed = LRUVector.parse(Array("memcg     0 /gone\n node 0\n 1 5 2 2 \n".utf8))
        #expect(removed.map(\.hasNumber) == [false])
        let plain = LRUVector.parse(Array("memcg     0 \n node 0\n 1 5 2 2 \n".utf8))
        #expect(plain.map(\.hasNumber) == [true])
    }

    @Test("Several nodes of a cgroup are told apart")
    func nodes() {
        let text = "memcg 1 /\n node 0\n 1 9 1 1\n 2 3 1 1\n node 1\n 4 9 2 2\nmemcg 2 /a\n node 0\n 1 1 3 3\n"
        let vectors = LRUVector.parse(Array(text.utf8))
        #expect(vectors.map(\.node) == [0, 1, 0])
        #expect(vectors.map(\.cgroup) == [1, 1, 2])
        #expect(vectors.map { $0.generations.count } == [2, 1, 1])
    }

    @Test("Many cgroups are read whole")
    func many() {
        let text = (1...3000).map { "memcg \($0) /c\($0)\n node 0\n 1 9000 10 20\n 2 10 1 2\n" }.joined()
        let vectors = LRUVector.parse(Array(text.utf8))
        #expect(vectors.count == 3000)
        #expect(vectors.reduce(0) { $0 + $1.bytes } == 3000 * 33 * page)
    }

    @Test("Lines that the kernel never writes are skipped, whatever stands in them")
    func malformed() {
        for text in [
            "", "memcg\n", "memcg x /\n node 0\n 1 2 3 4\n", " node 0\n 1 2 3 4\n", "memcg 1 /\n 1 2 3 4\n",
            "memcg 1 /\n node 4294967296\n 1 2 3 4\n", "memcg 1 /\n node 0\n -1 2 3 4\n",
            "memcg 1 /\n node 0\n 1 2 3\n", "memcg 1 /\n node 0\n 1 2 x x\n",
        ] {
            #expect(LRUVector.parse(Array(text.utf8)).isEmpty, "\(text)")
        }
        let most = "18446744073709551615"
        let huge = LRUVector.parse(Array("memcg 1 /\n node 0\n \(most) \(most) \(most) \(most)\n 1 1 1 1\n".utf8))
        #expect(huge.first?.bytes == .max)
        #expect(huge.first.map(AgeClass.of)?.count == 2)
    }

    @Test("No mutation of a file traps")
    func mutations() {
        var dice = Dice(7)
        for text in [WorkingSetFixtures.generations61, WorkingSetFixtures.full61] {
            for _ in 0..<400 {
                let vectors = LRUVector.parse(dice.mutated(text))
                let classes = vectors.flatMap(AgeClass.of)
                var history = AgeHistory(edges: AgingSchedule.usual.edges, lifetime: 1)
                let buckets = history.join(classes, at: 1)
                let total = IdleHistogram(
                    method: .mglru, confidence: .low, detail: "", buckets: buckets, measuredAt: 0
                ).totalBytes
                #expect(total <= vectors.reduce(0) { $0.adding($1.bytes) })
            }
        }
    }
}
