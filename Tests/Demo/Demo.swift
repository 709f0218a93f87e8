import Glibc
import HostAPI
import TestKit

/// The acts of the demo.
struct Demo {
    private static let guestBytes: UInt64 = 2 << 30
    private let screen = Screen()
    private let clock = ContinuousClock()

    func run() async throws -> Summary {
        guard let row = KernelRow.available.first else {
            throw DemoError(message: "no guest kernel is in the cache; scripts/guest-images fetches them")
        }
        screen.act("A guest of \(Screen.mebibytes(Self.guestBytes)) boots (kernel \(row))")
        return try await VsockDevice.with(.init(hostPorts: VsockDevice.privilegedPorts), name: "demo") { vsock in
            let options = GuestOptions(memory: Self.guestBytes, kernel: row, vsock: vsock)
            return try await Guest.with(options, name: "demo") { guest in
                try await HostDaemon.with(["demo": guest]) { host in
                    try await acts(guest, host, vsock)
                }
            }
        }
    }

    private func acts(_ guest: Guest, _ host: HostDaemon, _ vsock: VsockDevice) async throws -> Summary {
        var summary = Summary()
        summary.guestBytes = Self.guestBytes
        summary.kernel = try await guest.sh("uname -r")
        summary.accelerator = guest.accelerator.rawValue
        let checker = try await guest.startChecker(bytes: 128 << 20)
        try await checker.waitForPages(1)
        screen.say("  a checker in the guest keeps known patterns in 128 MiB and verifies them all the time")
        try await guest.fill()
        try await host.waitFor("demo", actuator: .agent)
        summary.actuator = try await host.api.vm("demo").actuator.rawValue
        screen.say("  a program used most of its memory and ended; the host cannot know, and backs all of it:")
        try await look(guest, host)

        try await reclaim(guest, host, &summary)
        try await query(vsock, &summary)
        try await giveBack(guest, host, &summary)
        try await demand(guest, host, &summary)

        let report = try await checker.stop()
        summary.guestCorruption = report.wrongPages + report.notZeroPages
        summary.pagesVerified = report.pagesVerified
        let kills = guest.oomKills()
        summary.holderOomKills = kills.count { $0.name == "ballast-holder" }
        summary.innocentOomKills = kills.count - summary.holderOomKills
        summary.ok =
            summary.reclaimedFraction >= 0.95 && summary.guestCorruption == 0 && summary.innocentOomKills == 0
            && summary.actuator == "agent" && summary.vsockQuery
        conclude(summary)
        return summary
    }

    // MARK: Acts

    private func reclaim(_ guest: Guest, _ host: HostDaemon, _ summary: inout Summary) async throws {
        screen.act("1. The host asks for half of it")
        let before = try guest.residentBytes()
        summary.residentBeforeBytes = before
        let begin = clock.now
        let set = try await host.api.setTarget("demo", .percent(50))
        summary.targetBytes = set.targetBytes
        summary.askedBytes = Self.guestBytes - set.targetBytes
        var highest = before
        while true {
            let vm = try await host.api.vm("demo")
            let resident = try guest.residentBytes()
            highest = max(highest, resident)
            screen.show(resident: resident, held: vm.heldBytes, available: nil, total: Self.guestBytes)
            if vm.heldBytes >= summary.askedBytes { break }
            if clock.now - begin > .seconds(300) {
                throw DemoError(message: "the target was not reached: \(vm.limit?.message ?? "no reason was given")")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        let taken = clock.now - begin
        summary.reclaimSeconds = Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
        let after = try guest.residentBytes()
        summary.residentAfterBytes = after
        summary.reclaimedFraction = Double(before - min(before, after)) / Double(summary.askedBytes)
        summary.overshootBytes = highest - before
        try await look(guest, host)
        let percent = Int(summary.reclaimedFraction * 1000)
        screen.say("  \(percent / 10).\(percent % 10) % of what was asked has left the host")
    }

    /// What an administrator sees who asks the guest itself, past the daemon.
    private func query(_ vsock: VsockDevice, _ summary: inout Summary) async throws {
        screen.act("   An administrator looks into the guest, over vsock")
        let words = ["guest", "--unix", vsock.socket, "balloon"]
        let answer = try await ChildProcess.run(try Layout.program("ballastctl"), words)
        summary.vsockQuery = answer.exit == .code(0)
        screen.say("  $ ballastctl guest --unix guest.vsock balloon")
        for line in (answer.output + answer.errors).split(separator: "\n") { screen.say("  \(line)") }
    }

    private func giveBack(_ guest: Guest, _ host: HostDaemon, _ summary: inout Summary) async throws {
        screen.act("2. The host gives it back, while a program in the guest uses it")
        let bytes: UInt64 = 1200 << 20
        _ = try await host.api.release("demo")
        let hog = try await guest.spawn("guest-tool hog --bytes \(bytes) --rate 268435456 --hold 1 --free")
        while try await hog.exitCode() == nil {
            try await look(guest, host)
            try await Task.sleep(for: .milliseconds(500))
        }
        let code = try await hog.wait()
        guard code == 0 else { throw DemoError(message: "the program could not use the memory: exit \(code)") }
        summary.regainedBytes = bytes
        screen.say("  the program used \(Screen.mebibytes(bytes)) and ended")
    }

    private func demand(_ guest: Guest, _ host: HostDaemon, _ summary: inout Summary) async throws {
        screen.act("3. A program demands more than is left: the balloon yields")
        try await host.reach("demo", target: .percent(50))
        try await look(guest, host)
        let available = try await guest.meminfo()["MemAvailable"] ?? 0
        summary.availableBeforeDemandBytes = available
        // More than is left, less than there would be without the balloon.
        summary.demandedBytes = available + (512 << 20)
        screen.say("  \(Screen.mebibytes(available)) are left; it demands \(Screen.mebibytes(summary.demandedBytes))")
        let hog = try await guest.spawn("guest-tool hog --bytes \(summary.demandedBytes) --hold 2")
        while try await hog.exitCode() == nil {
            try await look(guest, host)
            try await Task.sleep(for: .milliseconds(500))
        }
        let code = try await hog.wait()
        guard code == 0 else { throw DemoError(message: "the program did not get its memory: exit \(code)") }
        summary.emergencyReleases = try await host.api.guest("demo", .balloon).balloon?.emergencyReleases ?? 0
        screen.say("  it got them, and nobody was killed for it")
    }

    private func look(_ guest: Guest, _ host: HostDaemon) async throws {
        let vm = try await host.api.vm("demo")
        let available = try? await host.api.guest("demo", .memory).memory?.availableBytes
        screen.show(
            resident: try guest.residentBytes(), held: vm.heldBytes, available: available ?? nil,
            total: Self.guestBytes)
    }

    private func conclude(_ summary: Summary) {
        screen.act(summary.ok ? "Done" : "Not as it should be")
        let tenths = Int(summary.reclaimSeconds * 10)
        screen.say(
            """
              reclaimed   \(Screen.mebibytes(summary.residentBeforeBytes - min(summary.residentBeforeBytes, summary.residentAfterBytes))) of \(Screen.mebibytes(summary.askedBytes)) asked, in \(tenths / 10).\(tenths % 10) s
              overshoot   \(Screen.mebibytes(summary.overshootBytes)) at the most while inflating
              regained    \(Screen.mebibytes(summary.regainedBytes)) used by a program after the release
              yielded     \(summary.emergencyReleases) times in distress; \(summary.innocentOomKills) innocent OOM kills, \(summary.holderOomKills) of holders
              corruption  \(summary.guestCorruption) wrong pages of \(summary.pagesVerified) verified
            """)
    }
}

struct DemoError: Error, CustomStringConvertible {
    var message: String
    var description: String { message }
}
