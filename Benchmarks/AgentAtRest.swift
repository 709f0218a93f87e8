import Glibc
import HostAPI
import TestKit

/// What the agent costs a guest in which nothing happens, and how fast it answers; beside qemu-ga in the same guest.
struct AgentAtRest: Benchmark {
    /// Round trips of each contender in one repetition.
    private static let queries = 200

    let row: KernelRow

    var names: [String] { ["agent_rss", "agent_binary", "agent_idle_wakeups", "query_round_trip"] }

    func run(_ options: BenchOptions) async throws -> [BenchResult] {
        let withPeer = QemuGA.isAvailable
        if !withPeer { Progress.say("   without a peer: \(QemuGA.archive) is missing") }
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let socket = "\(folder)/qga.sock"
        let guestOptions = GuestOptions(
            memory: 1 << 30, kernel: row, qemuArguments: withPeer ? QemuGA.arguments(socket: socket) : [])
        return try await Guest.with(guestOptions, name: "bench-agent") { guest in
            let peer = withPeer ? try await QemuGA(guest: guest, socket: socket) : nil
            try await guest.waitForAgent()
            // Before the daemon starts: the channel serves one client at a time.
            let roundTrips = try await queryRoundTrip(guest, peer, options)
            var results = try await HostDaemon.with(["vm": guest]) { host in
                try await host.waitFor("vm", actuator: .agent)
                return try await idle(guest, peer, seconds: options.idleSeconds)
            }
            results.append(try await binary(guest, peer))
            return results + [roundTrips]
        }
    }

    // MARK: Round trips

    private func queryRoundTrip(_ guest: Guest, _ peer: QemuGA?, _ options: BenchOptions) async throws -> BenchResult {
        let path = guest.agentSocket
        var runs: [BenchResult.Run] = []
        for repetition in 0..<options.repetitions {
            let ours = try await offThread {
                let observer = try AgentObserver(path: path)
                _ = try observer.query()
                return Statistics.median(try (0..<Self.queries).map { _ in try observer.query() * 1e6 })
            }
            Progress.run(repetition, "Ballast", "\(Statistics.text(ours)) us")
            var run = BenchResult.Run(value: ours)
            if let peer {
                var times: [Double] = []
                for _ in 0..<Self.queries { times.append(try await peer.ping() * 1e6) }
                run.peerValue = Statistics.median(times)
                Progress.run(repetition, QemuGA.peer, "\(Statistics.text(run.peerValue ?? 0)) us")
            }
            runs.append(run)
        }
        return BenchResult("query_round_trip", unit: "us", peer: "\(QemuGA.peer), guest-ping", runs: runs)
    }

    // MARK: Idle

    /// Memory of, and context switches within a while of, both agents; nothing is asked of either.
    private func idle(_ guest: Guest, _ peer: QemuGA?, seconds: Int) async throws -> [BenchResult] {
        guard let agent = try await guest.agentPID() else { throw BenchError("the agent does not run") }
        try await Task.sleep(for: .seconds(5))
        let processes = [agent] + (peer.map { [$0.process.pid] } ?? [])
        let clock = ContinuousClock()
        var before: [UInt64] = []
        let begin = clock.now
        for process in processes { before.append(try await switches(of: process, in: guest)) }
        try await Task.sleep(for: .seconds(seconds))
        let minutes = (clock.now - begin).inSeconds / 60
        var rates: [Double] = []
        var sizes: [Double] = []
        for (index, process) in processes.enumerated() {
            rates.append(Double(try await switches(of: process, in: guest) - before[index]) / minutes)
            sizes.append(Double(try await residentKibibytes(of: process, in: guest)) / 1024)
        }
        return [
            BenchResult("agent_rss", unit: "MiB", peer: QemuGA.peer, runs: [run(sizes)]),
            BenchResult("agent_idle_wakeups", unit: "per minute", peer: QemuGA.peer, runs: [run(rates)]),
        ]
    }

    private func run(_ values: [Double]) -> BenchResult.Run {
        .init(value: values[0], peerValue: values.count > 1 ? values[1] : nil)
    }

    /// Context switches of all threads of a process so far: each wake-up ends with one.
    private func switches(of process: Int32, in guest: Guest) async throws -> UInt64 {
        let text = try await guest.sh("cat /proc/\(process)/task/*/status")
        let counts = text.split(separator: "\n").filter { $0.contains("ctxt_switches:") }
            .compactMap { $0.split(whereSeparator: \.isWhitespace).last.flatMap { UInt64($0) } }
        guard counts.count >= 2 else { throw BenchError("process \(process) shows no context switches") }
        return counts.reduce(0, +)
    }

    private func residentKibibytes(of process: Int32, in guest: Guest) async throws -> UInt64 {
        let words = try await guest.sh("grep VmRSS /proc/\(process)/status").split(whereSeparator: \.isWhitespace)
        guard words.count == 3, let size = UInt64(words[1]) else {
            throw BenchError("process \(process) shows no VmRSS")
        }
        return size
    }

    // MARK: Size

    /// The agent's program as it is shipped, stripped, beside qemu-ga's; both without the libraries that they load.
    private func binary(_ guest: Guest, _ peer: QemuGA?) async throws -> BenchResult {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let stripped = "\(folder)/ballast-agent"
        let (_, errors, exit) = try await ChildProcess.run(
            "/usr/bin/strip", ["-o", stripped, try Layout.program("ballast-agent")])
        var status = stat()
        guard exit == .code(0), stat(stripped, &status) == 0 else { throw BenchError("strip fails: \(errors)") }
        var run = BenchResult.Run(value: Double(status.st_size) / Double(1 << 20))
        if peer != nil { run.peerValue = Double(try await QemuGA.programBytes(in: guest)) / Double(1 << 20) }
        return BenchResult("agent_binary", unit: "MiB", peer: QemuGA.peer, runs: [run])
    }
}
