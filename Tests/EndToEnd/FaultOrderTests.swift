import Controller
import HostAPI
import Synchronization
import TestKit
import Testing
import Wire

/// What the host does before and after what, seen by an agent that watches the RAM file. The machines run no guest.
@Suite("Fault: the order of the host's actions", .serialized)
struct FaultOrderTests {
    private static let memory = BareMachine.memory
    /// What the agent claims to hold: chunks 1 and 2, where nothing of the machine was ever touched.
    private static let held: [(chunk: UInt64, bytes: Range<UInt64>)] = [
        (1, 16 << 20..<24 << 20), (2, 32 << 20..<40 << 20),
    ]
    private static let kept = memory - (16 << 20)

    private static func extents(_ bytes: Range<UInt64>) -> [UInt64] {
        Extent.encode([
            Extent(firstFrame: bytes.lowerBound / 4096, frames: (bytes.upperBound - bytes.lowerBound) / 4096)
        ])
    }

    private static func tellInventory(_ agent: inout RogueAgent) throws {
        for (chunk, bytes) in held {
            try agent.say(
                .inventory(
                    Inventory(chunk: chunk, bytes: bytes.upperBound - bytes.lowerBound, extents: extents(bytes))))
        }
        try agent.say(.inventory(Inventory(last: true)))
    }

    /// Answers the next target and returns it, with what is resident the moment it came.
    private static func target(
        _ agent: inout RogueAgent, _ ram: BareRAM, within timeout: Duration = .seconds(30)
    ) throws -> (bytes: UInt64, resident: UInt64)? {
        let found: (UInt64, SetTarget, UInt64)? = try agent.next(within: timeout) { request in
            if case .setTarget(let target) = request.message {
                (request.number, target, ram.residentBytes)
            } else {
                nil
            }
        }
        guard let (request, target, resident) = found else { return nil }
        let answer = TargetAnswer(
            outcome: .accepted, reachableBytes: target.targetBytes, targetBytes: target.targetBytes)
        try agent.say(.targetAnswer(answer), to: request)
        return (target.targetBytes, resident)
    }

    private static func next(_ agent: RogueAgent, _ ram: BareRAM) async throws -> (
        agent: RogueAgent, target: (bytes: UInt64, resident: UInt64)?
    ) {
        try await offThread {
            var agent = agent
            let target = try target(&agent, ram)
            return (agent, target)
        }
    }

    @Test(
        "Huge pages: no target before the inventory; a release is backed first, or the target stops where it is not",
        .enabled(if: HugePages.canHave(256 << 20), "a pool of huge pages needs root and free memory"))
    func releases() async throws {
        try await HugePages.with(pages: Self.memory / HugePages.pageBytes) {
            try await BareMachine.with(hugePages: true, target: 40 << 20) { machine in
                let (listener, ram) = (machine.listener, machine.ram)
                // No target comes from the store, and none that is set now.
                let early = try await offThread {
                    var agent = try RogueAgent(listener, tellsInventory: false)
                    let target = try Self.target(&agent, ram, within: .seconds(1))
                    return (agent: agent, target: target)
                }
                #expect(early.target == nil)
                _ = try await machine.controller.setTarget(.bytes(44 << 20))
                let later = try await offThread {
                    var agent = early.agent
                    let target = try Self.target(&agent, ram, within: .seconds(1))
                    try Self.tellInventory(&agent)
                    return (agent: agent, target: target)
                }
                #expect(later.target == nil)
                var found = try await Self.next(later.agent, ram)
                // All but what the guest holds is backed by now.
                #expect(found.target?.bytes == 44 << 20)
                #expect(found.target?.resident == Self.kept)

                // The pool cannot give back what the younger chunk lacks: the guest must not be told to release it.
                try ram.takeAway(Self.held[1].bytes)
                do {
                    let taker = HugePageTaker()
                    #expect(taker.take(Int((8 << 20) / HugePages.pageBytes)))
                    async let answer = machine.controller.setTarget(.bytes(56 << 20))
                    found = try await Self.next(found.agent, ram)
                    #expect(found.target?.bytes == Self.kept)
                    _ = try await answer
                    #expect(await machine.controller.detail().limit?.code == "huge-page-pool")
                }
                // Now it can.
                async let answer = machine.controller.setTarget(.bytes(56 << 20))
                found = try await Self.next(found.agent, ram)
                #expect(found.target?.bytes == 56 << 20)
                #expect(found.target?.resident == 56 << 20)
                _ = try await answer
            }
        }
    }

    @Test(
        "Huge pages: a device is passed through later, the agent's balloon is refused, and what was taken is backed",
        .enabled(if: HugePages.canHave(256 << 20), "a pool of huge pages needs root and free memory"))
    func refusedLater() async throws {
        try await HugePages.with(pages: Self.memory / HugePages.pageBytes) {
            try await BareMachine.with(hugePages: true) { machine in
                let listener = machine.listener
                let agent = try await offThread {
                    var agent = try RogueAgent(listener, tellsInventory: false)
                    try Self.tellInventory(&agent)
                    return agent
                }
                try await eventually("all but what is held is backed") { machine.ram.residentBytes == Self.kept }
                machine.relay.answer { command, arguments in
                    guard command == "qom-list", arguments["path"] == "/machine/peripheral" else { return nil }
                    return ["return": [["name": "hostdev0", "type": "child<vfio-pci>"]]]
                }
                let status = try await offThread {
                    var agent = agent
                    try agent.say(
                        .offer(
                            Offer(
                                chunk: 3, sequence: 1, bytes: 2 << 20,
                                extents: Self.extents(48 << 20..<50 << 20))))
                    return try agent.offerResult()?.status
                }
                #expect(status == .refusedState)
                // The next session is told why it may not discard.
                let second = try await offThread { try RogueAgent(listener) }
                try await eventually("the reason is told") {
                    await machine.controller.detail().actuatorReason?.code == "vfio-device"
                }
                try await eventually("all of it is backed", within: .seconds(120)) {
                    machine.ram.residentBytes == Self.memory
                }
                second.stream.shut()
            }
        }
    }

    @Test(
        "Strict mode: a VM that would not continue after a discard is continued at the next look, without reconnecting")
    func continues() async throws {
        try await BareMachine.with(hugePages: false, strict: true) { machine in
            let (listener, ram) = (machine.listener, machine.ram)
            let refusals = Refusals(2)
            machine.relay.answer { command, _ in
                guard command == "cont", refusals.take() else { return nil }
                return ["error": ["class": "GenericError", "desc": "not now"]]
            }
            let bytes: Range<UInt64> = 16 << 20..<18 << 20
            let status = try await offThread {
                var agent = try RogueAgent(listener)
                guard let nonce = Nonce(bytes: agent.nonce) else { throw KitError("no nonce") }
                for address in stride(from: bytes.lowerBound, to: bytes.upperBound, by: 4096) {
                    var page = [UInt8](repeating: 0, count: 4096)
                    page.withUnsafeMutableBytes {
                        if let base = $0.baseAddress {
                            Stamp.write(to: base, address: address, nonce: nonce, chunk: 1)
                        }
                    }
                    try ram.write(page, at: address)
                }
                try agent.say(.offer(Offer(chunk: 1, sequence: 1, bytes: 2 << 20, extents: Self.extents(bytes))))
                return try agent.offerResult()?.status
            }
            #expect(status == .discarded)
            #expect(machine.relay.count(of: "stop") == 1)
            try await eventually("the VM runs again", within: .seconds(120)) {
                try await machine.qmp.execute("query-status")["status"].string == "running"
            }
            #expect(refusals.left == 0)
            try await eventually("nothing is remembered") { machine.store.stoppedVMM("vm") == nil }
            #expect(machine.relay.count(of: "qmp_capabilities") == 1)
        }
    }
}

/// How often a command is still to be refused.
private final class Refusals: Sendable {
    private let count: Mutex<Int>

    init(_ count: Int) { self.count = Mutex(count) }

    var left: Int { count.withLock { $0 } }

    /// Whether this time is one of them.
    func take() -> Bool {
        count.withLock { count in
            if count == 0 { return false }
            count -= 1
            return true
        }
    }
}
