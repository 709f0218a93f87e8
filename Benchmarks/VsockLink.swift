import TestKit

/// The agent's answers over vsock, beside virtio-serial in the same guest. The vsock device is the kit's, a program of
/// its own on the host; the host kernel's vhost_vsock would spare it two copies.
struct VsockLink: Benchmark {
    private static let queries = 200

    let row: KernelRow

    var names: [String] { ["vsock_round_trip", "vsock_throughput"] }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        try await VsockDevice.with(.init(hostPorts: VsockDevice.privilegedPorts), name: "bench-vsock") { vsock in
            try await Guest.with(GuestOptions(memory: 1 << 30, kernel: row, vsock: vsock), name: "bench-vsock") {
                guest in
                try await guest.waitForAgent()
                let path = guest.agentSocket
                var trips: [BenchResult.Run] = []
                var rates: [BenchResult.Run] = []
                for repetition in 0..<options.repetitions {
                    let stream = try await vsock.connect(to: 700)
                    let (ours, rate) = try await offThread { try Self.measure(AgentObserver(vsock: stream)) }
                    let (peer, peerRate) = try await offThread { try Self.measure(AgentObserver(path: path)) }
                    Progress.run(repetition, "vsock", "\(Statistics.text(ours)) us, \(Statistics.text(rate)) MiB/s")
                    Progress.run(
                        repetition, "virtio-serial", "\(Statistics.text(peer)) us, \(Statistics.text(peerRate)) MiB/s")
                    trips.append(.init(value: ours, peerValue: peer))
                    rates.append(.init(value: rate, peerValue: peerRate))
                }
                return [
                    BenchResult("vsock_round_trip", unit: "us", peer: "virtio-serial", runs: trips),
                    BenchResult("vsock_throughput", unit: "MiB/s", peer: "virtio-serial", runs: rates),
                ]
            }
        }
    }

    private static func measure(_ observer: AgentObserver) throws -> (Double, Double) {
        _ = try observer.query()
        let trip = Statistics.median(try (0..<queries).map { _ in try observer.query() * 1e6 })
        return (trip, try observer.throughput(queries: 10 * queries) / Double(1 << 20))
    }
}
