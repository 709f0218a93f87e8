import TestKit

/// The agent's answers over vsock, and bytes of a guest's program, beside virtio-serial in the same guest. The vsock
/// device is the kit's, a program of its own on the host; the host kernel's vhost_vsock would spare it two copies.
struct VsockLink: Benchmark {
    private static let queries = 200
    private static let bytes = 64 << 20
    private static let port = "org.ballast.bench.0"
    private static let vsockPort: UInt32 = 5000

    let row: KernelRow

    var names: [String] { ["vsock_round_trip", "vsock_throughput"] }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let socket = "\(folder)/bench.sock"
        return try await VsockDevice.with(.init(hostPorts: VsockDevice.privilegedPorts), name: "bench-vsock") { vsock in
            let guestOptions = GuestOptions(
                memory: 1 << 30, kernel: row, vsock: vsock,
                qemuArguments: [
                    "-chardev", "socket,id=bench,path=\(socket),server=on,wait=off",
                    "-device", "virtserialport,bus=serial0.0,id=port-bench,chardev=bench,name=\(Self.port)",
                ])
            return try await Guest.with(guestOptions, name: "bench-vsock") { guest in
                try await guest.waitForAgent()
                return try await measure(guest, vsock, socket, options)
            }
        }
    }

    private func measure(
        _ guest: Guest, _ vsock: VsockDevice, _ socket: String, _ options: BenchOptions
    ) async throws -> [BenchResult] {
        let path = guest.agentSocket
        let listener = try vsock.listen(on: Self.vsockPort)
        let serial = try await offThread { try UnixStream(path: socket, timeout: .seconds(30)) }
        var trips: [BenchResult.Run] = []
        var rates: [BenchResult.Run] = []
        for repetition in 0..<options.repetitions {
            let stream = try await vsock.connect(to: 700)
            let ours = try await offThread { try Self.roundTrip(AgentObserver(vsock: stream)) }
            let peer = try await offThread { try Self.roundTrip(AgentObserver(path: path)) }
            trips.append(.init(value: ours, peerValue: peer))
            let sender = try await guest.spawn("guest-tool vsock-send 2 \(Self.vsockPort) --bytes \(Self.bytes)")
            let rate = try await offThread {
                let stream = try listener.accept()
                return try Self.rate { try stream.read().count }
            }
            _ = try await sender.wait()
            let writer = try await guest.spawn(
                "sh -c 'dd if=/dev/zero of=$(guest-tool port \(Self.port)) bs=64k count=\(Self.bytes >> 16)'")
            let peerRate = try await offThread { try Self.rate { serial.read(timeout: .seconds(30))?.count ?? 0 } }
            _ = try await writer.wait()
            rates.append(.init(value: rate, peerValue: peerRate))
            Progress.run(repetition, "vsock", "\(Statistics.text(ours)) us, \(Statistics.text(rate)) MiB/s")
            Progress.run(
                repetition, "virtio-serial", "\(Statistics.text(peer)) us, \(Statistics.text(peerRate)) MiB/s")
        }
        return [
            BenchResult("vsock_round_trip", unit: "us", peer: "virtio-serial", runs: trips),
            BenchResult("vsock_throughput", unit: "MiB/s", peer: "virtio-serial", runs: rates),
        ]
    }

    /// The median of one query, in microseconds.
    private static func roundTrip(_ observer: AgentObserver) throws -> Double {
        _ = try observer.query()
        return Statistics.median(try (0..<queries).map { _ in try observer.query() * 1e6 })
    }

    /// Mebibytes a second from the first byte to the last.
    private static func rate(_ read: () throws -> Int) throws -> Double {
        let clock = ContinuousClock()
        var received = try read()
        let begin = clock.now
        while received < bytes {
            let count = try read()
            guard count > 0 else { throw BenchError("only \(received) of \(bytes) bytes came") }
            received += count
        }
        return Double(received) / Double(1 << 20) / (clock.now - begin).inSeconds
    }
}
