import ArgumentParser
import HostAPI

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Give a guest, or all of them, everything back.",
        discussion: "Forgets the target. Works while the host is paused, too.")

    @Argument(help: ArgumentHelp("Name of the VM.", valueName: "vm"))
    var vm: String?

    @Flag(help: "Every VM.")
    var all = false

    @OptionGroup var host: HostOptions

    func validate() throws {
        guard (vm == nil) == all else { throw ValidationError("Name one VM, or say --all.") }
    }

    func run() async throws {
        try await Output.run(json: host.json) {
            if let vm {
                let result = try await host.client.release(vm)
                if let error = result.error { throw error }
                if host.json { return try Output.json(result) }
                return Output.lines([Self.line(result)])
            }
            let response = try await host.client.releaseAll()
            if host.json { try Output.json(response) } else { Output.lines(response.results.map(Self.line)) }
            if let worst = response.results.compactMap(\.error).first { throw worst }
        }
    }

    private static func line(_ result: ReleaseResult) -> String {
        let name = Terminal.clean(result.vm)
        if let error = result.error { return "\(name): \(Terminal.clean(error.message))" }
        return "\(name): \(ByteSize.format(result.releasedBytes)) given back"
    }
}
