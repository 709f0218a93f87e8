import ArgumentParser
import HostAPI

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show everything about a VM, and why it is so.")

    @Argument(help: ArgumentHelp("Name of the VM.", valueName: "vm"))
    var vm: String

    @OptionGroup var host: HostOptions

    func run() async throws {
        try await Output.run(json: host.json) {
            let detail = try await host.client.vm(vm)
            if host.json { return try Output.json(detail) }
            Output.lines(VMDetailText.lines(detail))
        }
    }
}
