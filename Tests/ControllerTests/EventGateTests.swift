import GuestMemory
import Hypervisor
import Synchronization
import Testing

@testable import Controller

/// What QEMU reports ends the session at once, where it may mean that memory changes hands.
@Suite("Event gate")
struct EventGateTests {
    private static func event(
        _ name: String, _ data: [String: JSONValue] = [:], seconds: Int64 = 1000
    ) -> QMPEvent {
        QMPEvent(name: name, data: .object(data), seconds: seconds, microseconds: 0)
    }

    private static func port(_ id: String, open: Bool, seconds: Int64 = 1000) -> QMPEvent {
        event("VSERPORT_CHANGE", ["id": .string(id), "open": .bool(open)], seconds: seconds)
    }

    /// Whether a session that was established at second 1000 survives the event.
    private static func survives(_ event: QMPEvent, port: String? = "port-agent", stops: Int = 0) -> Bool {
        let gate = EventGate()
        let fence = SessionFence()
        let told = Mutex<[String]>([])
        gate.setPort(port)
        gate.watch(fence) { name in told.withLock { $0.append(name) } }
        gate.established(now: 1_000_000_000)
        for _ in 0..<stops { gate.expectStop() }
        gate.handle(event)
        gate.handle(event)
        let names = told.withLock { $0 }
        #expect(names.count <= 1, "told more than once")
        #expect(fence.isOpen == names.isEmpty, "the fence closes with the word")
        return fence.isOpen
    }

    @Test(
        "Whatever may change the owner of memory ends the session",
        arguments: [
            "RESET", "SHUTDOWN", "SUSPEND", "SUSPEND_DISK", "STOP", "GUEST_PANICKED", "MIGRATION", "DEVICE_DELETED",
            "MEMORY_DEVICE_SIZE_CHANGE",
        ])
    func ends(_ name: String) {
        #expect(!Self.survives(Self.event(name)))
    }

    @Test("A job that begins ends the session, one that is over does not")
    func jobs() {
        #expect(!Self.survives(Self.event("JOB_STATUS_CHANGE", ["status": .string("running")])))
        #expect(Self.survives(Self.event("JOB_STATUS_CHANGE", ["status": .string("concluded")])))
    }

    @Test(
        "Everyday events end nothing", arguments: ["BALLOON_CHANGE", "RTC_CHANGE", "RESUME", "NIC_RX_FILTER_CHANGED"])
    func everyday(_ name: String) {
        #expect(Self.survives(Self.event(name)))
    }

    @Test("A STOP of Ballast's own ends nothing, the next one does")
    func ownStop() {
        #expect(Self.survives(Self.event("STOP"), stops: 2))
        #expect(!Self.survives(Self.event("STOP"), stops: 1))
    }

    @Test("The agent's port that closes ends the session; another port's does not, unless the agent's is unknown")
    func closing() {
        #expect(!Self.survives(Self.port("port-agent", open: false)))
        #expect(Self.survives(Self.port("port-other", open: false)))
        #expect(!Self.survives(Self.port("port-other", open: false), port: nil))
    }

    @Test("The agent's port that opens after the handshake is another agent's; a late word of its own opening is not")
    func opening() {
        #expect(!Self.survives(Self.port("port-agent", open: true, seconds: 1001)))
        #expect(Self.survives(Self.port("port-agent", open: true, seconds: 999)))
        #expect(Self.survives(Self.port("port-other", open: true, seconds: 1001)))
        #expect(Self.survives(Self.port("port-agent", open: true, seconds: 1001), port: nil))
    }
}
