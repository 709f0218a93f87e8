import HostAPI
import TestSupport
import Testing
import Wire

@testable import ballastctl

@Suite("Asking an agent without the daemon", .timeLimit(.minutes(5)))
struct AgentDialerTests {
    @Test("Queries are answered over a unix socket, past reports that nobody asked for")
    func query() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/agent.sock"
        _ = try FakeAgent(path: path, roles: [.observer]) { message in
            guard case .query(let query) = message, query.topics == [.memory] else { return .failure(Failure()) }
            return .report(Report(uptimeMilliseconds: 7, memory: MemoryReport(totalBytes: 5)))
        }
        var dialer = try AgentDialer(.local(path), role: .observer)
        for _ in 0..<3 { #expect(try dialer.query(.memory).memory?.totalBytes == 5) }
    }

    @Test("Policies are set as the local administrator")
    func policy() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/agent.sock"
        _ = try FakeAgent(path: path, roles: [.localAdmin]) { message in
            guard case .setPolicy(let change) = message else { return .failure(Failure()) }
            if change.deflateOnOom == .off { return .failure(Failure(code: .refused, message: "not here")) }
            return .policyState(PolicyState(statsPeriodMilliseconds: change.statsPeriodMilliseconds ?? 0))
        }
        var dialer = try AgentDialer(.local(path), role: .localAdmin)
        #expect(try dialer.setPolicy(SetPolicy(statsPeriodMilliseconds: 5000)).statsPeriodMilliseconds == 5000)
        let refused = #expect(throws: APIError.self) { _ = try dialer.setPolicy(SetPolicy(deflateOnOom: .off)) }
        #expect(refused?.code == .refused)
        #expect(refused?.message.contains("not here") == true)
    }

    @Test("A hold is the local administrator's, and its answer says for how long")
    func hold() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/agent.sock"
        _ = try FakeAgent(path: path, roles: [.localAdmin]) { message in
            guard case .hold(let hold) = message else { return .failure(Failure()) }
            return .holdState(HoldState(remainingMilliseconds: hold.milliseconds))
        }
        var dialer = try AgentDialer(.local(path), role: .localAdmin)
        #expect(dialer.agentVersion == "fake")
        for time: UInt64 in [3_600_000, .max, 0] { #expect(try dialer.hold(time) == time) }
    }

    @Test("Events are handed over as they arrive, until whoever reads them has enough")
    func follow() throws {
        struct Enough: Error {}
        let directory = try TemporaryDirectory()
        let path = directory.path + "/agent.sock"
        let events = [
            Event(kind: .pressureRelease, reason: .memoryPressure, bytes: 5), Event(kind: .asked), Event(kind: .held),
        ]
        _ = try FakeAgent(path: path, roles: [.observer], greeting: events.map { .event($0) }) { _ in
            .failure(Failure())
        }
        var dialer = try AgentDialer(.local(path), role: .observer)
        var heard: [Event] = []
        #expect(throws: Enough.self) {
            try dialer.follow { event in
                heard.append(event)
                if heard.count == events.count { throw Enough() }
            }
        }
        #expect(heard == events)
    }

    @Test("A role that is not allowed is refused with the agent's words")
    func role() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/agent.sock"
        _ = try FakeAgent(path: path, roles: [.controller]) { _ in .failure(Failure()) }
        let error = #expect(throws: APIError.self) { _ = try AgentDialer(.local(path), role: .observer) }
        #expect(error?.code == .refused)
    }

    @Test("No socket is unreachable, with a remedy")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: APIError.self) {
            _ = try AgentDialer(.local(directory.path + "/none"), role: .observer)
        }
        #expect(error?.code == .unreachable)
        #expect(error?.remedy?.isEmpty == false)
    }
}
