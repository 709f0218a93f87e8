import ArgumentParser
import HostAPI

struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show what happened, and with --follow what happens.",
        discussion: "With --json each event is one line.")

    @Flag(name: [.long, .short], help: "Go on with new events until interrupted.")
    var follow = false

    @Option(help: ArgumentHelp("Only events after this id.", valueName: "id"))
    var since: UInt64?

    @Option(help: ArgumentHelp("At most this many of the past.", valueName: "number"))
    var limit = 100

    @OptionGroup var host: HostOptions

    func validate() throws {
        guard (1...APIRoute.mostEvents).contains(limit) else {
            throw ValidationError("--limit is 1 ... \(APIRoute.mostEvents).")
        }
    }

    func run() async throws {
        try await Output.run(json: host.json) {
            var page = try await host.client.events(since: since, limit: limit)
            try show(page)
            while follow {
                do {
                    page = try await host.client.events(since: page.next, waitSeconds: 30, limit: APIRoute.mostEvents)
                    try show(page)
                } catch let error as APIError where error.code == .unreachable {
                    // The daemon may be restarting; its ids go on growing.
                    Output.complain(error.message + "; trying again")
                    try await Task.sleep(for: .seconds(1))
                }
            }
        }
    }

    private func show(_ page: EventPage) throws {
        if page.lost { Output.complain("some events were dropped before they were read") }
        for event in page.events {
            if host.json { try Output.json(event, onOneLine: true) } else { Output.lines([EventText.line(event)]) }
        }
    }
}
