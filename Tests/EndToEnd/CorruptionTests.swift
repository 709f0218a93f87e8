import HostAPI
import Testing
import TestKit

@Suite("Corruption", .serialized)
struct CorruptionTests {
    /// Bytes that the CI run discards in all while checkers watch.
    private static let goal: UInt64 = 50 << 30

    @Test("Not one wrong page while 50 GiB are discarded, memory is compacted, and freed pages are cleared")
    func corruption() async throws {
        // Debian's cloud kernels know init_on_free; page_poison is for kernels that were built with it.
        let options = GuestOptions(
            memory: 2 << 30, kernelArguments: ["init_on_free=1", "page_poison=1"])
        try await Guest.with(options) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let checker = try await guest.startChecker(bytes: 160 << 20, fileBytes: 48 << 20)
                let compactor = try await guest.spawn(
                    "sh -c 'while :; do echo 1 >/proc/sys/vm/compact_memory; sleep 1; done'")
                var random = SystemRandomNumberGenerator()
                var discarded: UInt64 = 0
                var rounds = 0
                while discarded < Self.goal {
                    let low = UInt64.random(in: 960...1120, using: &random)
                    try await host.reach("vm", target: .bytes(low << 20))
                    let high = UInt64.random(in: 1700...2048, using: &random)
                    try await host.reach("vm", target: .bytes(high << 20))
                    discarded = try await host.api.vm("vm").counters.discardedBytes
                    rounds += 1
                    if rounds % 10 == 0 {
                        let report = try await checker.report()
                        print("  \(discarded >> 30) GiB discarded, \(report.pagesVerified) pages verified")
                        try #require(report.wrongPages == 0 && report.notZeroPages == 0)
                    }
                }
                try await compactor.signal("KILL")
                let report = try await checker.stop()
                #expect(report.wrongPages == 0)
                #expect(report.notZeroPages == 0)
                #expect(report.pagesVerified > 100_000)
                let vm = try await host.api.vm("vm")
                #expect(vm.counters.protocolErrors == [:])
                #expect(guest.oomKills().isEmpty)
                print("  \(discarded >> 30) GiB discarded in \(rounds) rounds, \(report.pagesVerified) pages verified")
            }
        }
    }

    @Test("Pages that the kernel moved are found, offered again, and leave the host")
    func movedFrames() async throws {
        let options = GuestOptions(memory: 1 << 30, agentConfiguration: "[balloon]\naudit-period = \"2s\"\n")
        try await Guest.with(options) { guest in
            try await guest.fill()
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let checker = try await guest.startChecker(bytes: 64 << 20)
                try await host.reach("vm", target: .percent(60))
                let after = try guest.residentBytes()
                // Holes in physical memory give compaction something to do with the held pages.
                try await guest.sh(
                    """
                    guest-tool hog --bytes 300000000 --free & guest-tool hog --bytes 100000000 --free & wait
                    for i in 1 2 3 4 5 6; do echo 1 >/proc/sys/vm/compact_memory; done
                    """)
                try await Task.sleep(for: .seconds(8))
                let balloon = try await host.balloon("vm")
                print("  \(balloon.movedBytes >> 10) KiB of held memory had moved")
                try await eventually("what moved has left the host again", within: .seconds(180)) {
                    try guest.residentBytes() < after + (430 << 20)
                }
                let report = try await checker.stop()
                #expect(report.wrongPages == 0 && report.notZeroPages == 0)
            }
        }
    }
}
