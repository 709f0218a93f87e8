import Linux
import SystemPackage
import Testing
import Wire

@testable import Agent

@Suite("The journal's entries")
struct JournalTests {
    private let repository = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()

    @Test("Each kind has an identity of its own, which the page and the catalogue know")
    func identities() throws {
        let page = try SmallFile.readText(repository.appending("docs/journal.md"))
        let catalogue = try SmallFile.readText(repository.appending("packaging/catalog/ballast-agent.catalog"))
        var seen: Set<String> = []
        for kind in JournalEvent.Kind.allCases {
            let identity = "\(kind.messageID)"
            #expect(identity.utf8.count == 32 && identity.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
            #expect(seen.insert(identity).inserted)
            #expect(page.contains("| `\(kind.rawValue)` | `\(identity)` | \(kind.priority) |"))
            #expect(catalogue.contains("-- \(identity)\n"))
        }
        #expect(
            page.split(separator: "\n").filter { $0.contains("` | `") }.count == JournalEvent.Kind.allCases.count + 1)
    }

    @Test("Every event that the host is told has a kind of its own")
    func events() {
        var kinds: Set<JournalEvent.Kind> = []
        for number in Event.Kind.names.keys where number != 0 {
            let kind = JournalEvent.Kind(Event.Kind(rawValue: number))
            #expect(kind.map { kinds.insert($0).inserted } == true, "event \(number)")
            #expect(kind?.rawValue == Event.Kind(rawValue: number).name)
        }
        #expect(JournalEvent.Kind(.unspecified) == nil)
        #expect(JournalEvent.Kind(Event.Kind(rawValue: 9999)) == nil)
    }

    @Test("An entry carries its identity, reason, bytes and what the balloon holds")
    func fields() throws {
        let event = Event(
            kind: .emergencyRelease, reason: .watermark, bytes: 512 << 20, detail: "50 MiB available",
            uptimeMilliseconds: 7)
        let entry = try #require(JournalEvent(event)).with(heldBytes: 0, targetBytes: 1 << 30)
        #expect(entry.message == "512 MiB released: 50 MiB available")
        #expect(
            entry.allFields.map { "\($0.name)=\($0.value)" } == [
                "MESSAGE_ID=22c4a51862f64b10a8275ac7ce5fa6b6", "BALLAST_EVENT=emergency-release",
                "BALLAST_REASON=watermark", "BALLAST_BYTES=536870912", "BALLAST_HELD_BYTES=0",
                "BALLAST_TARGET_BYTES=1073741824",
            ])
    }

    @Test("What a peer calls itself cannot forge lines or fields")
    func forgery() {
        let entry = JournalEvent(
            .policyChanged, "a\nPRIORITY=0\u{9B}", cgroup: "/x\ny", peer: String(repeating: "\u{7F}", count: 9000))
        #expect(entry.message == "a?PRIORITY=0?")
        #expect(entry.fields.map(\.value) == ["/x?y", String(repeating: "?", count: 4096)])
    }

    @Test("The last sixteen events are remembered, and those below the threshold are not written")
    func memory() {
        let written = Written()
        var journal = AgentJournal(log: AgentLog(threshold: .notice)) { written.append($0.kind) }
        for number in 0..<20 {
            journal.record(Event(kind: .reclaimed, bytes: UInt64(number)))
        }
        journal.record(Event(kind: .held))
        journal.record(JournalEvent(.limited, "the floor"))
        journal.record(JournalEvent(.oomdWillKill, "soon"))
        #expect(journal.recent.map(\.bytes) == Array(5..<20) + [0])
        #expect(written.kinds == [.held, .oomdWillKill])
    }
}

/// What was written; used by one thread.
private final class Written: @unchecked Sendable {
    private(set) var kinds: [JournalEvent.Kind] = []
    func append(_ kind: JournalEvent.Kind) { kinds.append(kind) }
}
