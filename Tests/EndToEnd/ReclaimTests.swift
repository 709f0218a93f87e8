import HostAPI
import Testing
import TestKit

@Suite("Reclaim", .serialized)
struct ReclaimTests {
    @Test(
        "At least 95 % of what was asked leaves the host, and all of it can be used again",
        arguments: KernelRow.available)
    func reclaim(row: KernelRow) async throws {
        try await Guest.with(GuestOptions(memory: 1536 << 20, kernel: row)) { guest in
            try await guest.fill()
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let before = try guest.residentBytes()
                let vm = try await host.reach("vm", target: .percent(50))
                let after = try guest.residentBytes()
                let asked = vm.maxBytes / 2
                #expect(before >= after + asked / 100 * 95, "\(before >> 20) -> \(after >> 20) MiB")
                #expect(vm.counters.discardedBytes >= asked / 100 * 99)
                #expect(vm.counters.protocolErrors == [:])
                #expect(vm.counters.refusedChunks == [:])

                // The guest keeps what it was asked to keep: it could not use what the host took.
                let available = try await guest.meminfo()["MemAvailable"] ?? 0
                #expect(available < vm.maxBytes / 2)

                _ = try await host.api.release("vm")
                try await eventually("the balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }
                let most = (try await guest.meminfo()["MemAvailable"] ?? 0) / 10 * 8
                #expect(most > asked)
                let hog = try await guest.sh("guest-tool hog --bytes \(most)")
                #expect(hog.contains("touched") || !hog.isEmpty)
                #expect(guest.oomKills().isEmpty)
            }
        }
    }

    @Test("A guest that never touched its memory is not squeezed on the way, and the target counts held bytes")
    func untouched() async throws {
        try await Guest.with(GuestOptions(memory: 2 << 30)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let before = try guest.residentBytes()
                #expect(before < 1 << 30)
                let watch = Task {
                    var highest: UInt64 = 0
                    while !Task.isCancelled {
                        highest = max(highest, try guest.residentBytes())
                        try? await Task.sleep(for: .milliseconds(10))
                    }
                    return highest
                }
                let vm = try await host.reach("vm", target: .percent(50))
                watch.cancel()
                let highest = try await watch.value
                // Four chunks of 32 MiB may be in flight; page tables and the holders' own pages come on top.
                #expect(highest < before + (4 * 32 << 20) + (24 << 20), "\(before >> 20) -> \(highest >> 20) MiB")
                #expect(vm.heldBytes == 1 << 30)
                #expect(try guest.residentBytes() < before + (64 << 20))
            }
        }
    }

    @Test("Targets go up and down to the nearest 2 MiB, and partial release frees that much")
    func upAndDown() async throws {
        try await Guest.with(GuestOptions(memory: 1 << 30)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                for target: UInt64 in [900 << 20, 700 << 20, 850 << 20, 701 << 20, 1 << 30, 660 << 20] {
                    let vm = try await host.reach("vm", target: .bytes(target))
                    #expect(vm.heldBytes == ((1 << 30) - target) / (2 << 20) * (2 << 20))
                    #expect(vm.outcome?.answer == .accepted)
                }
                let balloon = try await host.balloon("vm")
                #expect(balloon.heldBytes == (1 << 30) - (660 << 20))
                #expect(balloon.inFlightBytes == 0)
                #expect(balloon.refusedChunks == 0)
            }
        }
    }

    @Test(
        "Every machine type and memory layout is understood: machine, size, nodes, VGA",
        arguments: [
            GuestOptions(memory: 1 << 30, machine: .pc, qemuArguments: ["-vga", "std"]),
            GuestOptions(memory: 4608 << 20, machine: .pc),
            GuestOptions(memory: 4608 << 20, machine: .q35, backing: .sharedMemoryFile),
            GuestOptions(memory: 1 << 30, machine: .microvm),
            GuestOptions(machine: .q35, nodes: [768 << 20, 768 << 20]),
        ])
    func layouts(options: GuestOptions) async throws {
        try await Guest.with(options) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                let checker = try await guest.startChecker(bytes: 64 << 20)
                let vm = try await host.reach("vm", target: .bytes(options.memory - (320 << 20)))
                #expect(vm.actuatorReason == nil)
                #expect(vm.counters.refusedChunks == [:])
                try await checker.waitForPages(32768)
                _ = try await host.api.release("vm")
                try await eventually("the balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }
                let report = try await checker.stop()
                #expect(report.wrongPages == 0 && report.notZeroPages == 0)
            }
        }
    }
}
