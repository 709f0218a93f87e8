import ArgumentParser
import HostAPI

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Show the daemon itself.")

    @OptionGroup var host: HostOptions

    func run() async throws {
        try await Output.run(json: host.json) {
            let status = try await host.client.status()
            if host.json { return try Output.json(status) }
            var pairs: [(name: String, value: String)] = [
                ("Version", status.version), ("Process", "\(status.pid)"), ("Started", "\(status.started)"),
                ("VMs", "\(status.vmCount), \(status.connectedCount) connected"),
            ]
            pairs.append(("Paused", status.paused ? "yes" + (status.pausedSince.map { ", since \($0)" } ?? "") : "no"))
            Output.lines(TextTable.pairs(pairs))
        }
    }
}
