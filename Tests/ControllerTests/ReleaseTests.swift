import Controller
import HostAPI
import Logging
import TestSupport
import Testing

@Suite("Releasing")
struct ReleaseTests {
    @Test("A release that nobody can be told of fails, says so, and forgets nothing")
    func unreachable() async throws {
        let directory = try TemporaryDirectory()
        let store = try StateStore(directory: directory.path)
        var policy = VMPolicy(name: "vm", qmp: directory.path + "/nobody")
        policy.maximumBytes = 1 << 30
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let controller = VMController(
            policy: policy, store: store, events: EventLog(logger: logger), logger: logger)
        _ = try await controller.setTarget(.bytes(512 << 20))
        let error = await #expect(throws: APIError.self) { try await controller.release() }
        #expect(error?.code == .unreachable)
        #expect(error?.message.contains("its target stays") == true)
        #expect(store.vm("vm").targetBytes == 512 << 20)
        #expect(await controller.detail().targetBytes == 512 << 20)
    }
}
