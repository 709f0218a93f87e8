import HostAPI
import Testing
import TestKit

@Suite("Refusals", .serialized)
struct RefusalTests {
    /// A guest whose RAM Ballast must not touch, and the reason's code.
    struct Unsafe: Sendable, CustomTestStringConvertible {
        var options: GuestOptions
        var code: String
        var testDescription: String { code }
    }

    @Test(
        "RAM that must not be discarded from outside is left alone; the device serves, with the reason shown",
        arguments: [
            Unsafe(
                options: GuestOptions(memory: 768 << 20, backing: .privateMemory, balloonDevice: .init()),
                code: "memory-private"),
            Unsafe(
                options: GuestOptions(memory: 768 << 20, backing: .privateFile, balloonDevice: .init()),
                code: "memory-private"),
            Unsafe(
                options: GuestOptions(memory: 768 << 20, backing: .diskFile, balloonDevice: .init()),
                code: "file-system"),
            Unsafe(
                options: GuestOptions(
                    memory: 768 << 20, balloonDevice: .init(), qemuArguments: ["-overcommit", "mem-lock=on"]),
                code: "memory-locked"),
        ])
    func unsafe(_ unsafe: Unsafe) async throws {
        try await Guest.with(unsafe.options) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .device)
                let vm = try await host.api.vm("vm")
                #expect(vm.actuatorReason?.code == unsafe.code)
                #expect(vm.actuatorReason?.message.isEmpty == false)
                // The agent senses all the same.
                #expect(vm.agent.connected)
                #expect(try await host.api.guest("vm", .memory).source == .agent)
                try await host.reach("vm", target: .bytes(512 << 20))
                #expect(try await host.api.vm("vm").counters.discardedBytes == 0)
                _ = try await host.api.release("vm")
                try await eventually("the device balloon is empty") { try await host.api.vm("vm").heldBytes == 0 }
            }
        }
    }

    @Test("A guest without io_uring says so, and the device serves")
    func noStrongPin() async throws {
        guard KernelRow.available.contains(.v6_12) else { return }
        let options = GuestOptions(
            memory: 768 << 20, kernel: .v6_12, balloonDevice: .init(),
            setup: "echo 2 >/proc/sys/kernel/io_uring_disabled")
        try await Guest.with(options) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .device)
                let vm = try await host.api.vm("vm")
                #expect(vm.actuatorReason?.code == "no-pin")
                #expect(vm.actuatorReason?.message.contains("io_uring") == true)
                try await host.reach("vm", target: .bytes(600 << 20))
            }
        }
    }

    @Test("Without a device either, the target is kept and the reason is shown")
    func nothing() async throws {
        try await Guest.with(GuestOptions(memory: 512 << 20, backing: .privateMemory)) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await eventually("the agent is connected", within: .seconds(180)) {
                    try await host.api.vm("vm").agent.connected
                }
                let set = try await host.api.setTarget("vm", .bytes(400 << 20))
                #expect(set.vm.actuator == .none)
                #expect(set.vm.state == .limited)
                #expect(set.vm.actuatorReason?.code == "memory-private")
                #expect(set.targetBytes == 400 << 20)
            }
        }
    }

    @Test("A guest without an agent is moved by its device")
    func noAgent() async throws {
        let options = GuestOptions(memory: 768 << 20, balloonDevice: .init(), startsAgent: false)
        try await Guest.with(options) { guest in
            try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .device)
                try await host.reach("vm", target: .bytes(512 << 20))
                let vm = try await host.api.vm("vm")
                #expect(vm.actuatorReason?.code == "agent-unreachable")
                #expect(vm.deviceActualBytes == 512 << 20)
                // Once an agent is there it takes over, and the device gives its share back first.
                try await guest.startAgent()
                try await host.waitFor("vm", actuator: .agent)
                try await host.reach("vm", target: .bytes(512 << 20))
                try await eventually("the device balloon is empty") {
                    try await host.api.vm("vm").deviceActualBytes == 768 << 20
                }
            }
        }
    }
}
