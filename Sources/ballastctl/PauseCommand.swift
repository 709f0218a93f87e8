import ArgumentParser
import HostAPI

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let the host start no change, across restarts, until resume.",
        discussion: "Guests still yield memory of their balloon in distress, and release still works.")

    @OptionGroup var host: HostOptions

    func run() async throws {
        try await Output.run(json: host.json) {
            let status = try await host.client.pause()
            if host.json { return try Output.json(status) }
            Output.lines(["Paused: the host starts no change until `ballastctl resume`."])
        }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "End a pause.")

    @OptionGroup var host: HostOptions

    func run() async throws {
        try await Output.run(json: host.json) {
            let status = try await host.client.resume()
            if host.json { return try Output.json(status) }
            Output.lines(["Resumed: targets are followed again."])
        }
    }
}
