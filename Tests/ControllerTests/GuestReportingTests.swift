import HostAPI
import Logging
import TestSupport
import Testing
import Wire

@testable import Controller

@Suite("What a guest says on its own")
struct GuestReportingTests {
    private struct World {
        let directory: TemporaryDirectory
        let store: StateStore
        let log: EventLog
        let controller: VMController

        init(guest: GuestPolicyChange = GuestPolicyChange()) throws {
            directory = try TemporaryDirectory()
            store = try StateStore(directory: directory.path)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            log = EventLog(logger: logger)
            var policy = VMPolicy(name: "vm", qmp: directory.path + "/nobody")
            policy.maximumBytes = 1 << 30
            policy.guest = guest
            controller = VMController(policy: policy, store: store, events: log, logger: logger)
        }

        var kinds: [String] { log.page(since: nil, limit: 4096).events.map(\.kind.rawValue) }
    }

    @Test("An ask is shown until it is withdrawn, and told once, not with every renewal")
    func ask() async throws {
        let world = try World()
        let ask = Ask(
            bytes: 64 << 20, reason: .demand, detail: "it grows", urgent: true, holdMilliseconds: 60_000, sequence: 1)
        await world.controller.take(ask)
        var shown = try #require(await world.controller.detail().ask)
        #expect(shown.bytes == 64 << 20 && shown.urgent)
        #expect(shown.reason == Explanation(code: "demand", message: "it grows"))
        #expect(shown.expires.milliseconds - shown.time.milliseconds == 60_000)
        #expect(VMSummary(await world.controller.detail()).ask == shown)
        #expect(world.kinds == ["asked"])

        var renewed = ask
        renewed.sequence = 2
        await world.controller.take(renewed)
        #expect(world.kinds == ["asked"])
        // What was overtaken on its way counts no more.
        var late = ask
        late.bytes = 1
        await world.controller.take(late)
        shown = try #require(await world.controller.detail().ask)
        #expect(shown.bytes == 64 << 20)

        await world.controller.take(Ask(sequence: 3))
        #expect(await world.controller.detail().ask == nil)
        #expect(world.kinds == ["asked", "asked"])
    }

    @Test("An ask that expired is not shown")
    func expired() async throws {
        let world = try World()
        await world.controller.take(Ask(bytes: 5, holdMilliseconds: 0, sequence: 1))
        #expect(await world.controller.detail().ask == nil)
        await world.controller.take(Ask(bytes: 5, holdMilliseconds: 1000, sequence: 2))
        let time = try #require(await world.controller.detail().ask).expires
        #expect(await world.controller.standingAsk(now: time) == nil)
    }

    @Test("A guest's events become the daemon's, by kind, with their numbers")
    func events() async throws {
        let world = try World()
        let told: [(Event.Kind, String?)] = [
            (.emergencyRelease, "distress"), (.oomKillSeen, "distress"), (.holderDiedEvent, "distress"),
            (.pressureRelease, "pressure-release"), (.leakSuspected, "leak-suspected"), (.held, "held"),
            (.reclaimed, "reclaimed"), (.controllerLostEvent, "controller-lost"), (.cacheProtected, "cache-protected"),
            (.otherKillerNear, "other-killer-near"), (.controllerConnected, nil), (.inflated, nil), (.asked, nil),
            (.policyChanged, nil), (Event.Kind(rawValue: 99), nil),
        ]
        for (kind, _) in told {
            await world.controller.take(Event(kind: kind, reason: .memoryPressure, bytes: 7, detail: "so it is"))
        }
        #expect(world.kinds == told.compactMap(\.1))
        let event = world.log.page(since: nil, limit: 100).events[3]
        #expect(event.vm == "vm" && event.message.hasSuffix(": so it is"))
        #expect(event.fields == ["bytes": 7, "reason": "memory-pressure", "event": "pressure-release"])
        #expect(await world.controller.detail().counters.emergencyReleases == 1)
    }

    @Test("A guest that reports without end does not drive everything else out of the log")
    func flood() async throws {
        let world = try World()
        for number in 0..<2000 {
            await world.controller.take(Event(kind: .reclaimed))
            await world.controller.take(
                Ask(bytes: UInt64(number + 1), holdMilliseconds: 1000, sequence: UInt64(number)))
        }
        #expect(world.kinds.count < 1000)
        // What is shown follows all the same.
        #expect(await world.controller.detail().ask?.bytes == 2000)
    }

    @Test("What was ordered while running goes over the policy file; a refusal is told")
    func policies() async throws {
        let world = try World(guest: GuestPolicyChange(statsPeriodMilliseconds: 5000, deflateOnOom: .oom))
        #expect(
            await world.controller.wantedPolicy == GuestPolicyChange(statsPeriodMilliseconds: 5000, deflateOnOom: .oom))
        let answer = try await world.controller.setPolicy(GuestPolicyChange(adaptive: true))
        #expect(answer.adaptive && answer.deflateOnOom == .oom)
        #expect(await world.controller.wantedPolicy == GuestPolicyChange(adaptive: true, deflateOnOom: .oom))
        _ = try await world.controller.setPolicy(
            GuestPolicyChange(onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 60_000))
        #expect(await world.controller.wantedPolicy.releaseAfterMilliseconds == 60_000)

        let off = GuestPolicyChange(deflateOnOom: .off)
        await world.controller.take(.failure(Failure(code: .refused, message: "not here")), to: off)
        let adaptive = GuestPolicyChange(adaptive: true)
        await world.controller.take(.policyState(PolicyState(statsPeriodMilliseconds: 5000)), to: adaptive)
        await world.controller.take(.policyState(PolicyState(adaptive: true)), to: adaptive)
        #expect(world.kinds == ["policy-changed", "policy-changed", "policy-refused", "policy-refused"])
    }
}
