import Testing

@testable import TestKit

@Suite("Vsock device", .serialized)
struct VsockDeviceTests {
    private static let megabyte = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8 ^ $0 >> 13) }

    /// A guest with an echo on port 7 and a program that never reads on port 8.
    private func withGuest(
        _ row: KernelRow, _ options: GuestOptions = GuestOptions(memory: 512 << 20, startsAgent: false),
        settings: VsockDevice.Settings = .init(), name: String = #function,
        _ body: (Guest, VsockDevice) async throws -> Void
    ) async throws {
        try await VsockDevice.with(settings, name: name) { vsock in
            var options = options
            options.kernel = row
            options.vsock = vsock
            options.setup += """
                guest-tool vsock-echo 7 >/tmp/echo.log 2>&1 &
                guest-tool vsock-echo 8 --stall >/dev/null 2>&1 &

                """
            try await Guest.with(options, name: name) { guest in try await body(guest, vsock) }
        }
    }

    private func echo(_ vsock: VsockDevice, _ bytes: [UInt8]) async throws {
        let stream = try await vsock.connect(to: 7)
        async let written: Void = offThread {
            try stream.write(bytes)
            stream.endWriting()
        }
        let back = try await offThread { try stream.readAll(bytes.count + 1) }
        try await written
        let same = back == bytes
        #expect(same, "\(back.count) of \(bytes.count) bytes came back")
    }

    @Test("bytes go both ways unchanged, side by side and past peers that do not read", arguments: KernelRow.available)
    func echoes(row: KernelRow) async throws {
        let machine: GuestOptions.Machine = row == .v6_1 ? .pc : .q35
        let options = GuestOptions(
            memory: 4608 << 20, machine: machine, startsAgent: false,
            qemuArguments: row == .v6_1 ? [] : ["-device", "VGA"])
        try await withGuest(row, options) { guest, vsock in
            try await expectSameMap(guest, vsock)
            let clock = ContinuousClock()
            var started = clock.now
            try await echo(vsock, Self.megabyte)
            print("kernel \(row): 1 MiB to the guest and back in \(clock.now - started)")

            // Nobody listens: the host's connection ends, the guest's is refused.
            #expect(try await !vsock.isListening(on: 99))
            #expect(try await guest.run("guest-tool vsock-connect 2 99").text.contains("reset by peer"))

            let listener = try vsock.listen(on: 5000)
            started = clock.now
            async let answered: Void = offThread { try serveEcho(listener, connections: 1) }
            try await guest.sh("guest-tool vsock-connect 2 5000 --bytes 1M")
            try await answered
            print("kernel \(row): 1 MiB to the host and back in \(clock.now - started)")

            // Peers that never read hold up themselves only.
            let stalled = try await vsock.connect(to: 8)
            let sent = try await offThread { try stalled.writeSome(Self.megabyte, timeout: .seconds(1)) }
            #expect(sent < Self.megabyte.count)
            let writer = try await guest.spawn("guest-tool vsock-connect 2 5000 --bytes 4M")
            let unread = try await offThread { try listener.accept() }
            try await echo(vsock, Self.megabyte)
            #expect(try await writer.exitCode() == nil)
            let late = try await offThread { try unread.readAll(4 << 20) }
            #expect(late.count == 4 << 20)

            started = clock.now
            async let served: Void = offThread { try serveEcho(listener, connections: 100) }
            try await guest.sh("guest-tool vsock-connect 2 5000 --bytes 100 --rounds 100")
            try await served
            print("kernel \(row): 100 connections of the guest in \(clock.now - started)")
            started = clock.now
            try await withThrowingTaskGroup { group in
                for number in 0..<4 {
                    group.addTask {
                        for _ in 0..<25 { try await echo(vsock, [UInt8](repeating: UInt8(number), count: 3000)) }
                    }
                }
                try await group.waitForAll()
            }
            print("kernel \(row): 100 connections of the host, 4 at a time, in \(clock.now - started)")
            #expect(
                guest.consoleLog.split(separator: "\n").allSatisfy { !$0.contains("vsock") || !$0.contains("WARN") })
        }
    }

    @Test("a paused guest keeps its connections; a reset and a reboot end them", arguments: KernelRow.available)
    func resets(row: KernelRow) async throws {
        let settings = VsockDevice.Settings(guestCID: 77, hostPorts: VsockDevice.privilegedPorts)
        try await withGuest(row, settings: settings) { guest, vsock in
            for way in ["system_reset", "reboot"] {
                let stream = try await vsock.connect(to: 7)
                try await offThread { try stream.write([1, 2, 3]) }
                #expect(try await offThread { try stream.readAll(3) } == [1, 2, 3])
                try await guest.qmp.execute("stop")
                try await offThread { try stream.write([4]) }
                try await guest.qmp.execute("cont")
                #expect(try await offThread { try stream.readAll(1) } == [4])

                let tables = try #require(try vsock.memoryTable()).number
                let stalled = try await vsock.connect(to: 8)
                _ = try await offThread { try stalled.writeSome(Self.megabyte, timeout: .milliseconds(300)) }
                if way == "reboot" {
                    let boots = guest.channel.boots
                    // Later than the answer that it was begun.
                    _ = try await guest.spawn("sh -c 'sleep 1; reboot -f'")
                    try await guest.waitForBoot(after: boots)
                } else {
                    try await guest.reset()
                }
                #expect(try await offThread { try stream.readAll(1) } == [])
                try await echo(vsock, Array(Self.megabyte.prefix(100_000)))
                #expect(try #require(try vsock.memoryTable()).number > tables)
                // The guest knows the host by its CID and a port below 1024.
                let peers = try await guest.sh("cat /tmp/echo.log").split(separator: "\n").dropFirst()
                #expect(!peers.isEmpty)
                for peer in peers {
                    let words = peer.split(separator: ":").compactMap { UInt32($0) }
                    #expect(words.first == 2 && words.last.map { VsockDevice.privilegedPorts.contains($0) } == true)
                }
            }
        }
    }
}

/// Sends back what comes, for as many connections as told, one after the other.
private func serveEcho(_ listener: VsockListener, connections: Int) throws {
    for _ in 0..<connections {
        let stream = try listener.accept()
        while true {
            let bytes = try stream.read()
            if bytes.isEmpty { break }
            try stream.write(bytes)
        }
    }
}
