import Testing
import Wire

@testable import GuestMemory

@Suite("What is backed before a release")
struct ReleasePlanTests {
    private static let file = FileKey(device: 1, inode: 2)
    private static let huge: UInt64 = 2 << 20
    private static let size: UInt64 = 64 << 20

    /// Three chunks of 4 MiB each, the youngest at the lowest address.
    private static func book() throws -> RangeBook {
        let map = try MemoryMap(regions: [
            MemoryRegion(guestAddress: 0, length: size, file: file, fileOffset: 0, pageBytes: huge)
        ])
        var book = RangeBook(map: map)
        for (chunk, start) in [(UInt64(1), UInt64(24) << 20), (2, 16 << 20), (3, 8 << 20)] {
            try book.inventory(chunk: chunk, extents: [Extent(at: start, bytes: 4 << 20)])
        }
        return book
    }

    @Test("The youngest chunks first, whole, and no more than the target needs")
    func order() throws {
        let plan = ReleasePlan(to: Self.size - (6 << 20), vmBytes: Self.size, book: try Self.book())
        #expect(plan.keptBytes == Self.size - (12 << 20))
        #expect(plan.steps.map(\.chunk) == [3, 2])
        #expect(plan.steps.map(\.bytes) == [4 << 20, 4 << 20])
        #expect(plan.steps.first?.ranges == [FileRange(file: Self.file, offset: 8 << 20, length: 4 << 20)])
        #expect(plan.steps.last?.ranges == [FileRange(file: Self.file, offset: 16 << 20, length: 4 << 20)])
    }

    @Test("Where the pool runs out, the target stops at what is backed")
    func short() throws {
        let plan = ReleasePlan(to: Self.size, vmBytes: Self.size, book: try Self.book())
        #expect(plan.steps.map(\.chunk) == [3, 2, 1])
        #expect(plan.target(backed: 0) == Self.size - (12 << 20))
        #expect(plan.target(backed: 1) == Self.size - (8 << 20))
        #expect(plan.target(backed: 2) == Self.size - (4 << 20))
        #expect(plan.target(backed: 3) == Self.size)
        // Part of a chunk is asked for: all of it is released, but never more than was asked.
        let part = ReleasePlan(to: Self.size - (11 << 20), vmBytes: Self.size, book: try Self.book())
        #expect(part.steps.map(\.chunk) == [3])
        #expect(part.target(backed: 0) == Self.size - (12 << 20))
        #expect(part.target(backed: 1) == Self.size - (11 << 20))
    }

    @Test("A target at or below what the guest keeps needs nothing")
    func none() throws {
        for target in [0, Self.size - (16 << 20), Self.size - (12 << 20)] {
            let plan = ReleasePlan(to: target, vmBytes: Self.size, book: try Self.book())
            #expect(plan.steps.isEmpty)
            #expect(plan.target(backed: 0) == target)
        }
        // Nonsense from a guest that claims to hold more than it has does not trap.
        let tiny = ReleasePlan(to: 4 << 20, vmBytes: 4 << 20, book: try Self.book())
        #expect(tiny.keptBytes == 0 && tiny.target(backed: tiny.steps.count) == 4 << 20)
    }
}
