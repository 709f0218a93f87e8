import HostAPI
import TestKit
import Testing
import Wire

/// A guest that lies, babbles or keeps silent harms itself only.
@Suite("Fault: hostile guests", .serialized)
struct FaultPeerTests {
    private static let memory: UInt64 = 1 << 30

    /// What a guest does, and what the daemon counts for it, once.
    private struct Attack: Sendable {
        var name: String
        /// The key among the protocol errors.
        var fault: String
        /// Whether the range of an offer or inventory is what is wrong.
        var range = false
        var act: @Sendable (inout RogueAgent) throws -> Void
    }

    private static func offer(
        _ chunk: UInt64, _ extents: [UInt64], bytes: UInt64? = nil, again: Bool = false
    ) -> ToHost.Message {
        let sum = stride(from: 1, to: extents.count, by: 2).reduce(UInt64(0)) { $0 &+ extents[$1] &* 4096 }
        return .offer(Offer(chunk: chunk, sequence: chunk, bytes: bytes ?? sum, extents: extents, again: again))
    }

    private static func range(_ name: String, _ messages: [ToHost.Message]) -> Attack {
        Attack(name: name, fault: "unexpected_message", range: true) { agent in
            for message in messages { try agent.say(message) }
        }
    }

    /// Frame 256 is the first of the second MiB. The guest has 1 GiB: its RAM ends at frame 262,144.
    private static let ranges: [Attack] = [
        range("beyond the end of RAM", [offer(1, [262_144, 16])]),
        range("across the end of RAM", [offer(1, [262_140, 16])]),
        range("far beyond", [offer(1, [1 << 39, 1])]),
        range("in the ROM below 4 GiB", [offer(1, [0xFFFC0, 16])]),
        range("in a device's memory", [offer(1, [0xFEE00, 1])]),
        range("twice in one message", [offer(1, [4096, 16, 4096, 16])]),
        range("overlapping in one message", [offer(1, [4096, 16, 4104, 16])]),
        range("wrapping 2^64", [offer(1, [UInt64.max - 1, 4], bytes: 16384)]),
        range("a length of 2^64 - 1", [offer(1, [4096, UInt64.max], bytes: UInt64.max &* 4096)]),
        range("an empty run", [offer(1, [4096, 0])]),
        range("half a run", [offer(1, [4096, 16, 8192], bytes: 65536)]),
        range("no runs", [offer(1, [], bytes: 0)]),
        range("larger than a chunk", [offer(1, [4096, 16385])]),
        range("other bytes than it says", [offer(1, [4096, 16], bytes: 4096)]),
        range(
            "more runs than a chunk may have",
            [offer(1, (0..<8193).flatMap { [UInt64(4096 + 2 * $0), 1] })]),
        range("an inventory outside RAM", [.inventory(Inventory(chunk: 1, bytes: 65536, extents: [262_144, 16]))]),
        range("an inventory that wraps", [.inventory(Inventory(chunk: 1, bytes: 8192, extents: [UInt64.max, 2]))]),
    ]

    private static func bytes(_ name: String, _ fault: String, _ make: @escaping @Sendable (RogueAgent) -> [UInt8])
        -> Attack
    {
        Attack(name: name, fault: fault) { agent in agent.send(make(agent)) }
    }

    private static let good = ToHost(inReplyTo: 0, message: .released(Released(chunks: [], bytes: 0))).encoded()

    private static let frames: [Attack] = [
        bytes("garbage between frames", "garbage") {
            $0.frame(good) + Array("no frame at all, but text".utf8) + $0.frame(good)
        },
        bytes("a wrong checksum", "bad_checksum") { agent in
            var frame = agent.frame(good)
            frame[20] ^= 1
            return frame
        },
        bytes("a payload that was changed", "bad_checksum") { agent in
            var frame = agent.frame(good)
            frame[frame.count - 1] ^= 0x80
            return frame
        },
        bytes("another version", "bad_version") { agent in
            var frame = agent.frame(good)
            frame[4] = 9
            return frame
        },
        bytes("an unknown kind", "bad_header") { agent in
            var frame = agent.frame(good)
            frame[5] = 77
            return frame
        },
        bytes("a frame that is too long", "too_long") { agent in
            var frame = agent.frame(good)
            frame.replaceSubrange(16..<20, with: [1, 0, 1, 0])
            return frame
        },
        bytes("a frame of 4 GiB", "too_long") { agent in
            var frame = agent.frame(good)
            frame.replaceSubrange(16..<20, with: [255, 255, 255, 255])
            return frame
        },
        bytes("a header that ends early", "frame_timed_out") { Array($0.frame(good)[..<17]) },
        bytes("a payload that ends early", "frame_timed_out") { Array($0.frame(good).dropLast()) },
        bytes("a payload that is no message", "malformed_message") { $0.frame([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) },
        Attack(name: "a second greeting", fault: "unexpected_message") { try $0.say(.helloReply(HelloReply())) },
        Attack(name: "more messages than a guest may send", fault: "flooding") { agent in
            let frame = agent.frame(good)
            let burst = Array(repeating: frame, count: 2_000).flatMap { $0 }
            for _ in 0..<30 { agent.send(burst) }
        },
    ]

    /// Offers that are sent in one write, so that the first is still in flight when the last arrives.
    private static func burst(_ name: String, _ count: UInt64, _ make: @escaping @Sendable (UInt64) -> ToHost.Message)
        -> Attack
    {
        Attack(name: name, fault: "unexpected_message", range: true) { agent in
            var bytes: [UInt8] = []
            for index in 0..<count { bytes += agent.frame(ToHost(inReplyTo: 0, message: make(index)).encoded()) }
            agent.send(bytes)
        }
    }

    private static let states: [Attack] = [
        burst("a chunk that is in flight already", 2) { _ in offer(7, [4096, 4096]) },
        burst("frames that are in flight for another chunk", 2) { offer(10 + $0, [4096 + $0, 4096]) },
        burst("more chunks in flight than there may be", 40) { offer(100 + $0, [4096 + 1024 * $0, 1024]) },
    ]

    private static func sum(_ counters: [String: UInt64]) -> UInt64 { counters.values.reduce(0, +) }

    private static func residentMemory(_ pid: Int32) -> UInt64 {
        text(of: "/proc/\(pid)/statm").split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 * 4096 }
            ?? 0
    }

    @Test("Wrong ranges, wrong frames, floods: one counted error each, nothing discarded, nobody else disturbed")
    func attacks() async throws {
        let options = GuestOptions(memory: Self.memory, startsAgent: false)
        try await Guest.with(options) { bad in
            try await Guest.with(GuestOptions(memory: Self.memory), name: "attacks-bystander") { good in
                let listener = try UnixListener(path: "\(bad.folder)/rogue")
                let vms = ["bad": HostDaemon.VM(bad, agent: listener.path), "good": HostDaemon.VM(good)]
                try await HostDaemon.with(vms) { host in
                    try await host.waitFor("good", actuator: .agent)
                    let checker = try await good.startChecker(bytes: 96 << 20)
                    let badChecker = try await bad.startChecker(bytes: 256 << 20)
                    try await checker.waitForPages(1)
                    try await badChecker.waitForPages(1)
                    _ = try await host.api.setTarget("good", .bytes(640 << 20))
                    var before = try await host.api.vm("bad").counters
                    let start = Self.residentMemory(try host.child.pid)
                    for attack in Self.ranges + Self.frames + Self.states {
                        let ended = try await offThread {
                            var agent = try RogueAgent(listener)
                            try attack.act(&agent)
                            return agent.waitForEnd()
                        }
                        #expect(ended, "\(attack.name): the daemon goes on")
                        try await eventually("\(attack.name) is counted", within: .seconds(120)) {
                            try await Self.sum(host.api.vm("bad").counters.protocolErrors)
                                > Self.sum(before.protocolErrors)
                        }
                        let now = try await host.api.vm("bad").counters
                        var wanted = before.protocolErrors
                        wanted[attack.fault, default: 0] += 1
                        #expect(now.protocolErrors == wanted, "\(attack.name)")
                        let refused = now.refusedChunks["refused_range", default: 0]
                        let refusedBefore = before.refusedChunks["refused_range", default: 0]
                        #expect(refused == refusedBefore + (attack.range ? 1 : 0), "\(attack.name)")
                        #expect(now.discardedBytes == 0, "\(attack.name)")
                        before = now
                    }
                    let grown = Self.residentMemory(try host.child.pid)
                    print("  the daemon's memory: \(start >> 20) MiB before, \(grown >> 20) MiB after")
                    #expect(grown < start + (64 << 20))
                    // The good guest has not noticed.
                    try await host.reach("good", target: .bytes(640 << 20))
                    #expect(try await host.api.vm("good").counters.sessions == 1)
                    #expect(try await host.api.vm("good").counters.protocolErrors == [:])
                    for checker in [checker, badChecker] {
                        let report = try await checker.stop()
                        #expect(report.wrongPages == 0)
                        #expect(report.notZeroPages == 0)
                    }
                }
            }
        }
    }

    @Test("Offers of memory that the guest uses, and answers from nobody: refused by stamps, told when asked")
    func lies() async throws {
        try await Guest.with(GuestOptions(memory: Self.memory, startsAgent: false)) { guest in
            let listener = try UnixListener(path: "\(guest.folder)/rogue")
            try await HostDaemon.with(["vm": HostDaemon.VM(guest, agent: listener.path)]) { host in
                let checker = try await guest.startChecker(bytes: 512 << 20)
                try await checker.waitForPages(1)
                let resident = try guest.residentBytes()
                let statuses = try await offThread {
                    var agent = try RogueAgent(listener)
                    return try (0..<20).map { index -> OfferResult.Status? in
                        try agent.say(Self.offer(UInt64(index + 1), [UInt64(8192 + 8192 * index), 4096]))
                        return try agent.offerResult()?.status
                    }
                }
                #expect(statuses.allSatisfy { $0 == .refusedStamp }, "\(statuses)")
                #expect(try guest.residentBytes() + (4 << 20) > resident)
                // That session ended with its end of the channel; the next one greets and then never reads again.
                let silent = try await offThread { SilentAgent(try RogueAgent(listener)) }
                try await host.waitFor("vm", actuator: .agent)
                let start = Self.residentMemory(try host.child.pid)
                await withTaskGroup(of: Void.self) { group in
                    for index in 0..<64 {
                        group.addTask {
                            _ = try? await host.api.setTarget("vm", .bytes((700 << 20) + UInt64(index) << 21))
                        }
                    }
                }
                #expect(Self.residentMemory(try host.child.pid) < start + (64 << 20))
                await #expect(throws: (any Error).self) { try await host.api.guest("vm", .memory) }
                #expect(try await host.api.vm("vm").counters.discardedBytes == 0)
                try await eventually("the silent agent's session ends", within: .seconds(300)) {
                    try await !host.api.vm("vm").agent.connected
                }
                #expect(try await host.api.vm("vm").agent.problem?.contains("silent") == true)
                silent.end()
                let report = try await checker.stop()
                #expect(report.wrongPages == 0)
                #expect(report.notZeroPages == 0)
            }
        }
    }
}
