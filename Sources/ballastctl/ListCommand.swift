import ArgumentParser
import HostAPI

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the VMs.")

    @OptionGroup var host: HostOptions

    func run() async throws {
        try await Output.run(json: host.json) {
            let vms = try await host.client.vms()
            if host.json { return try Output.json(VMList(vms: vms)) }
            Output.lines(VMTable.lines(vms))
        }
    }
}
