import Testing
import Wire

@testable import GuestMemory

@Suite("Audits")
struct AuditTests {
    static let mebibyte: UInt64 = 1 << 20
    static let second: UInt64 = 1_000_000_000

    @Test("Held chunks that the host backs again are asked for, most resident first")
    func held() throws {
        let ram = try TestRAM(size: 64 << 20)
        var book = RangeBook(map: try ram.splitMap(low: 16 << 20))
        let size = 4 * Self.mebibyte
        for chunk in 0..<4 {
            try book.inventory(chunk: UInt64(chunk), extents: [Extent(at: UInt64(chunk) * size, bytes: size)])
        }
        try book.inventory(chunk: 9, extents: [Extent(at: 4 << 30, bytes: 1 << 20)])
        ram.fill(at: 0, bytes: 4096)
        ram.fill(at: size, bytes: 1 << 20)
        ram.fill(at: 2 * size, bytes: 2 << 20)
        ram.fill(at: 16 << 20, bytes: 128 << 10)
        let findings = try HeldAudit.run(book: book, files: [ram.file])
        #expect(
            Dictionary(uniqueKeysWithValues: findings.map { ($0.chunk, $0.residentBytes) })
                == [0: 4096, 1: 1 << 20, 2: 2 << 20, 3: 0, 9: 128 << 10])
        #expect(HeldAudit.chunksToOffer(findings) == [2, 1, 9])
        #expect(HeldAudit.chunksToOffer(findings, limit: 1) == [2])
        #expect(try HeldAudit.run(book: book, files: [ram.file], chunks: [3]).map(\.chunk) == [3])
    }

    static func sample(
        _ seconds: UInt64, file: UInt64, discarded: UInt64, credited: UInt64? = nil, released: UInt64 = 0,
        known: UInt64 = 0
    ) -> CreditAudit.Sample {
        CreditAudit.Sample(
            time: seconds * second, ramBytes: 1000 * mebibyte, fileBytes: file * mebibyte,
            discardedBytes: discarded * mebibyte, creditedBytes: (credited ?? discarded) * mebibyte,
            releasedBytes: released * mebibyte, knownResidentBytes: known * mebibyte)
    }

    @Test("Credits that the file confirms agree")
    func agrees() {
        var audit = CreditAudit()
        #expect(audit.add(Self.sample(0, file: 1000, discarded: 0)) == .undecided)
        #expect(audit.add(Self.sample(30, file: 800, discarded: 200)) == .undecided)
        #expect(audit.add(Self.sample(60, file: 500, discarded: 500)) == .agrees)
    }

    @Test("A discard that freed nothing, or a byte credited twice, raises the alarm")
    func alarm() {
        var audit = CreditAudit()
        _ = audit.add(Self.sample(0, file: 1000, discarded: 0))
        #expect(audit.add(Self.sample(60, file: 1000, discarded: 500)) == .alarm(missingBytes: 500 * Self.mebibyte))
        var twice = CreditAudit()
        _ = twice.add(Self.sample(0, file: 1000, discarded: 0))
        #expect(twice.add(Self.sample(60, file: 750, discarded: 500)) == .alarm(missingBytes: 250 * Self.mebibyte))
        var slight = CreditAudit()
        _ = slight.add(Self.sample(0, file: 1000, discarded: 0))
        #expect(slight.add(Self.sample(60, file: 505, discarded: 500)) == .agrees)
    }

    @Test("A guest that never touched its memory, one that refaults, a release and known drift raise none")
    func innocent() {
        // The agent populates before the host discards: the file stays as small as it was.
        var untouched = CreditAudit()
        _ = untouched.add(Self.sample(0, file: 100, discarded: 0))
        #expect(untouched.add(Self.sample(60, file: 110, discarded: 800)) == .guestGrew(bytes: 800 * Self.mebibyte))
        var refaulting = CreditAudit()
        _ = refaulting.add(Self.sample(0, file: 500, discarded: 0))
        #expect(refaulting.add(Self.sample(60, file: 300, discarded: 211)) == .guestGrew(bytes: 11 * Self.mebibyte))
        var releasing = CreditAudit()
        _ = releasing.add(Self.sample(0, file: 500, discarded: 500))
        #expect(releasing.add(Self.sample(60, file: 900, discarded: 500, credited: 400, released: 100)) == .undecided)
        var drifting = CreditAudit()
        _ = drifting.add(Self.sample(0, file: 500, discarded: 500))
        #expect(drifting.add(Self.sample(60, file: 600, discarded: 500, known: 100)) == .agrees)
        var session = CreditAudit()
        _ = session.add(Self.sample(0, file: 500, discarded: 500))
        #expect(session.add(Self.sample(60, file: 1000, discarded: 0)) == .undecided)
    }
}
