import Testing
import Wire

@testable import Agent

@Suite("The agent's command line")
struct AgentCommandTests {
    private let second: UInt64 = 1_000_000_000

    @Test("Commands and their options")
    func commands() throws {
        func parse(_ words: String...) throws -> AgentCommand { try AgentCommand.parse(words).command }
        #expect(try parse() == .run)
        #expect(try parse("--check-config") == .checkConfiguration)
        #expect(try parse("--version") == .version)
        #expect(try parse("-h") == .help && parse("--help") == .help)
        #expect(try parse("--sensors") == .sensors(json: false))
        #expect(try parse("--json", "--sensors") == .sensors(json: true))
        #expect(try parse("--end-hold") == .endHold(hibernating: false))
        #expect(try parse("--hibernation", "--end-hold") == .endHold(hibernating: true))
        #expect(try parse("--release-all") == .releaseAll(.init(hold: 0, hibernating: false, patience: 20 * second)))
        #expect(
            try parse("--release-all", "--hold", "10m", "--hibernation", "--wait=5s")
                == .releaseAll(.init(hold: 600 * second, hibernating: true, patience: 5 * second)))
        #expect(try parse("--hold=forever", "--release-all") == .releaseAll(.init(hold: .max)))
    }

    @Test("The configuration may be named with any command")
    func configuration() throws {
        let one = try AgentCommand.parse(["--config", "/a", "--check-config"])
        #expect(one.command == .checkConfiguration && one.configuration == "/a")
        let other = try AgentCommand.parse(["--config=/b=c"])
        #expect(other.command == .run && other.configuration == "/b=c")
    }

    @Test(
        "What is not understood is one line",
        arguments: [
            (["--what"], "unknown argument --what"), (["run"], "unknown argument run"),
            (["--json=1", "--sensors"], "unknown argument --json=1"), (["--config"], "--config needs a file"),
            (["--json"], "--json needs --sensors"), (["--hold", "1h"], "--hold needs --release-all"),
            (["--hibernation"], "--hibernation needs --release-all or --end-hold"),
            (["--hold", "1h", "--end-hold"], "--hold needs --release-all"),
            (["--sensors", "--hold", "1h", "--json"], "--hold needs --release-all"),
            (["--release-all", "--hold", "long"], "--hold needs a duration such as 10m, not long"),
            (["--release-all", "--wait", "forever"], "--wait needs a duration such as 10m, not forever"),
            (["--release-all", "--hold"], "--hold needs a duration such as 10m"),
            (["--version", "--sensors"], "--version and --sensors exclude each other"),
        ] as [([String], String)])
    func wrong(words: [String], message: String) {
        let error = #expect(throws: UsageError.self) { try AgentCommand.parse(words) }
        #expect(error?.message == message)
    }

    @Test("Sensors are a table for people and a document for programs")
    func sensors() throws {
        let sensors = [
            SensorState(name: "pressure", available: true),
            SensorState(name: "working-set-mglru", available: false, detail: "lru_gen is off\u{1B}"),
        ]
        #expect(
            SensorListing.table(sensors) == """
                pressure           yes
                working-set-mglru  no   lru_gen is off?

                """)
        let document = try JSONReader.read(SensorListing.document(sensors).indented)
        guard case .array(let values)? = document["sensors"] else {
            Issue.record("no sensors")
            return
        }
        #expect(values.map { $0["name"] } == [.string("pressure"), .string("working-set-mglru")])
        #expect(values[1]["available"] == .boolean(false))
    }
}
