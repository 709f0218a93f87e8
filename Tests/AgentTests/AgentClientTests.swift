import Linux
import Synchronization
import SystemPackage
import Testing
import Wire

@testable import Agent

@Suite("Asking the running agent")
struct AgentClientTests {
    private let second: UInt64 = 1_000_000_000
    private let folder = TemporaryDirectory()
    private var path: FilePath { folder.path.appending("agent.sock") }

    /// What the agent was asked, with what the peer called itself.
    private final class Asked: Sendable {
        private let list = Mutex<[String]>([])
        var texts: [String] { list.withLock { $0 } }
        func append(_ text: String) { list.withLock { $0.append(text) } }
    }

    private var configuration: AgentConfiguration {
        var configuration = AgentConfiguration()
        configuration.socket = path.string
        return configuration
    }

    @Test("Everything is released after inflation was forbidden, and waited for")
    func release() throws {
        let asked = Asked()
        let left = Atomic<UInt64>(3)
        let agent = try FakeAgent(path: path) { peer, message in
            switch message {
            case .hold(let hold):
                asked.append("\(peer): hold \(hold.milliseconds)")
                return .holdState(HoldState(remainingMilliseconds: hold.milliseconds))
            case .release:
                asked.append("release")
                return .releaseAnswer(ReleaseAnswer(bytes: 96 << 20))
            case .query:
                let now = left.load(ordering: .relaxed)
                if now > 0 { left.store(now - 1, ordering: .relaxed) }
                asked.append("query")
                return .report(Report(balloon: BalloonReport(heldBytes: now > 1 ? 1 : 0, inFlightBytes: now)))
            default: return nil
            }
        }
        defer { agent.stop() }
        let status = AdminRequest.releaseAll(
            configuration, .init(hold: 600 * second, hibernating: true, patience: 20 * second))
        #expect(status == 0)
        #expect(
            asked.texts == [
                "ballast-agent (hibernation): hold 600000", "release", "query", "query", "query", "query",
            ])
        #expect(AdminRequest.endHold(configuration, hibernating: false) == 0)
        #expect(asked.texts.last == "ballast-agent \(AgentVersion.current): hold 0")
    }

    @Test("Without --hold nothing is forbidden; what does not come back in time has a status of its own")
    func late() throws {
        let asked = Asked()
        let agent = try FakeAgent(path: path) { _, message in
            switch message {
            case .release: return .releaseAnswer(ReleaseAnswer(bytes: 5))
            case .query: return .report(Report(balloon: BalloonReport(quarantinedBytes: 32 << 20)))
            default:
                asked.append("\(message)")
                return nil
            }
        }
        defer { agent.stop() }
        #expect(AdminRequest.releaseAll(configuration, .init(patience: second / 10)) == 3)
        #expect(asked.texts.isEmpty)
        var client = try AgentClient(path: path, peer: "test")
        let error = #expect(throws: AgentClientError.self) { try client.releaseEverything(within: 0) }
        #expect(error?.code == .late && error?.description.contains("32 MiB") == true)
    }

    @Test("A no is told as one")
    func refused() throws {
        let agent = try FakeAgent(path: path) { _, _ in
            .failure(Failure(code: .refused, message: "not today"))
        }
        defer { agent.stop() }
        do {
            var client = try AgentClient(path: path, peer: "test")
            let error = #expect(throws: AgentClientError.self) { try client.release() }
            #expect(error?.code == .refused && error?.description == "the agent says no (refused): not today")
        }
        #expect(AdminRequest.releaseAll(configuration, .init()) == 1)
    }

    @Test("No agent has a status of its own, whether nobody listens or nobody answers")
    func unreachable() throws {
        #expect(AdminRequest.releaseAll(configuration, .init()) == 2)
        let listener = try UnixSocket.listen(at: path)
        defer { listener.close() }
        let error = #expect(throws: AgentClientError.self) {
            try AgentClient(path: path, peer: "test", patience: second / 10)
        }
        #expect(error?.code == .unreachable)
        var none = configuration
        none.socket = ""
        #expect(AdminRequest.endHold(none, hibernating: true) == 1)
    }
}
