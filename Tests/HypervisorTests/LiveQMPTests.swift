import Foundation
import Synchronization
import Testing

@testable import Hypervisor

/// Against a real QEMU, stopped at its first instruction.
@Suite(.serialized) struct LiveQMPTests {
    @Test("greeting, peer, typed answers and errors")
    func answers() async throws {
        try await withQEMU(QEMU.machine("q35", "256M") + ["-name", "probe"]) { qemu in
            let client = try await qemu.connect()
            #expect(client.greeting.major >= 7)
            #expect(client.peer.processID == qemu.pid)
            #expect(client.peer.userID == getuid())
            let monitor = VirtualMachineMonitor(client)
            #expect(try await monitor.status() == .prelaunch)
            #expect(try await monitor.machineType().hasPrefix("pc-q35-"))
            #expect(try await monitor.name() == "probe")
            #expect(try await monitor.uuid().count == 36)
            #expect(try await monitor.architecture() == "x86_64")
            #expect(try await monitor.memorySize() == MachineMemory(baseBytes: 256 << 20, pluggedBytes: 0))
            #expect(try await monitor.memoryBackends() == [MemoryBackend(id: "mem0", size: 256 << 20, shared: true)])
            #expect(try await monitor.hostAddresses(of: [0, 1 << 40]).map { $0?.region } == ["mem0", nil])
            let snapshot = try await monitor.safetySnapshot()
            #expect(snapshot.runState == .prelaunch && !snapshot.migration.isActive && snapshot.jobs.isEmpty)
            do throws(QMPError) {
                _ = try await client.execute("no-such-command")
                Issue.record("an unknown command was answered")
            } catch {
                #expect(error.isCommandUnknown && error.command == "no-such-command")
            }
            await client.close()
            do throws(QMPError) {
                _ = try await client.execute("query-status")
                Issue.record("a closed connection answered")
            } catch { #expect(error.code == .closed) }
        }
    }

    @Test("many tasks pipeline commands and each gets its own answer")
    func pipelined() async throws {
        try await withQEMU(QEMU.machine("q35", "256M")) { qemu in
            let client = try await qemu.connect()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let address = UInt64(256 + index) << 12
                        let found = try await VirtualMachineMonitor(client).hostAddresses(of: [address, 0])
                        guard let one = found[0], let zero = found[1] else { return false }
                        return one.address - zero.address == address
                    }
                }
                for try await right in group { #expect(right) }
            }
        }
    }

    @Test("a socket that serves another client says so, and how to help it")
    func busy() async throws {
        try await withQEMU(QEMU.machine("q35", "256M"), secondMonitor: true) { qemu in
            let first = try await qemu.connect()
            do throws(QMPError) {
                _ = try await QMPClient.connect(path: qemu.socket, timeout: .milliseconds(300))
                Issue.record("two clients were served")
            } catch {
                #expect(error.code == .busy)
                #expect(error.description.contains("another client holds this QMP socket"))
            }
            _ = try await QMPClient.connect(path: "\(qemu.folder)/qmp2")
            await first.close()
            do throws(QMPError) {
                _ = try await QMPClient.connect(path: "\(qemu.folder)/none")
                Issue.record("a missing socket connected")
            } catch { #expect(error.code == .connectionFailed && error.description.contains("no such socket")) }
        }
    }

    @Test("events arrive in order, before the answers that follow them, and end with the connection")
    func events() async throws {
        try await withQEMU(QEMU.machine("q35", "256M")) { qemu in
            let seen = Mutex<[String]>([])
            let client = try await qemu.connect() { event in
                seen.withLock { $0.append(event.name) }
            }
            let monitor = VirtualMachineMonitor(client)
            let reader = Task {
                var names: [String] = []
                for await event in client.events { names.append(event.name) }
                return names
            }
            try await monitor.cont()
            #expect(try await monitor.status() == .running)
            try await monitor.stop()
            #expect(seen.withLock { $0.contains("STOP") })
            #expect(try await monitor.status() == .paused)
            _ = try await client.execute("system_reset")
            for _ in 0..<100 where !seen.withLock({ $0.contains("RESET") }) {
                try await Task.sleep(for: .milliseconds(20))
            }
            _ = try? await client.execute("quit")
            let names = await reader.value
            #expect(
                names.filter { ["RESUME", "STOP", "RESET"].contains($0) }.prefix(3) == ["RESUME", "STOP", "RESET"])
            #expect(names.last == "SHUTDOWN")
            #expect(names == seen.withLock { $0 })
            #expect(client.closedReason?.code == .closed)
        }
    }

    @Test("a frozen QEMU is a time-out; its late answer disturbs nobody; cancelling gives up at once")
    func timeout() async throws {
        try await withQEMU(QEMU.machine("q35", "256M")) { qemu in
            let client = try await qemu.connect()
            let pid = try #require(qemu.pid)
            kill(pid, SIGSTOP)
            do throws(QMPError) {
                _ = try await client.execute("query-status", timeout: .milliseconds(200))
                Issue.record("a frozen process answered")
            } catch { #expect(error.code == .timeout) }
            let task = Task { try await client.execute("query-name", timeout: .seconds(60)) }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            let result = await task.result
            #expect((result.failure as? QMPError)?.code == .cancelled)
            kill(pid, SIGCONT)
            #expect(try await client.execute("query-uuid")["UUID"] != nil)
        }
    }

    @Test("a killed QEMU ends what is in flight")
    func killed() async throws {
        try await withQEMU(QEMU.machine("q35", "256M")) { qemu in
            let client = try await qemu.connect()
            let pid = try #require(qemu.pid)
            kill(pid, SIGSTOP)
            let task = Task { try await client.execute("query-status", timeout: .seconds(60)) }
            try await Task.sleep(for: .milliseconds(50))
            kill(pid, SIGKILL)
            let result = await task.result
            #expect((result.failure as? QMPError)?.code == .closed)
        }
    }

    @Test("the balloon device is found by its type, set, and its statistics are read")
    func balloon() async throws {
        try await withQEMU(QEMU.machine("q35", "256M")) { qemu in
            let monitor = VirtualMachineMonitor(try await qemu.connect())
            #expect(try await monitor.queryBalloon() == nil)
            #expect(try await monitor.balloonDevice() == nil)
            do throws(QMPError) {
                try await monitor.balloon(128 << 20)
                Issue.record("a balloon that is not there took a target")
            } catch { #expect(error.errorClass == "DeviceNotActive") }
        }
        for device in ["virtio-balloon-pci", "virtio-balloon-pci,id=balloon0"] {
            try await withQEMU(QEMU.machine("q35", "256M") + ["-device", device]) { qemu in
                let monitor = VirtualMachineMonitor(try await qemu.connect())
                #expect(try await monitor.queryBalloon() == 256 << 20)
                let found = try #require(try await monitor.balloonDevice())
                #expect(found.type == "virtio-balloon-pci")
                try await monitor.balloon(128 << 20)
                try await monitor.setBalloonPollingInterval(seconds: 1, device: found)
                let statistics = try await monitor.balloonStatistics(device: found)
                // No driver has spoken yet.
                #expect(statistics.lastUpdate == 0 && statistics.freeBytes == nil)
                await #expect(throws: QMPError.self) { try await monitor.balloon(0) }
            }
        }
    }
}

extension Result {
    var failure: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
