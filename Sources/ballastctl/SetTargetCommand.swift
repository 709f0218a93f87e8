import ArgumentParser
import HostAPI

struct SetTargetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-target", abstract: "Set the memory that a guest keeps.",
        discussion: """
            Without --wait the command returns once the daemon has stored the target. With it, it ends when the target \
            is reached, or with status 5 and the reason when the guest refuses or goes only part of the way, or with \
            status 1 after the timeout; the target stays set in every case.
            """)

    @Argument(help: ArgumentHelp("Name of the VM.", valueName: "vm"))
    var vm: String

    @Argument(
        help: ArgumentHelp("512M, 1.5GiB, 50%, ...", valueName: "size"),
        transform: { text in
            guard let size = TargetSize(text) else {
                throw ValidationError("\"\(text)\" is no size; write 512M, 1.5GiB or 50%.")
            }
            return size
        })
    var size: TargetSize

    @Flag(help: "Wait until the target is reached.")
    var wait = false

    @Option(
        help: ArgumentHelp("Longest wait, such as 90s or 5m.", valueName: "time"), transform: PeriodArgument.parse)
    var timeout: UInt64 = 300_000

    @OptionGroup var host: HostOptions

    func run() async throws {
        try await Output.run(json: host.json) {
            let response = try await host.client.setTarget(vm, size)
            guard wait else {
                if host.json { return try Output.json(response) }
                var line = "\(vm): target \(ByteSize.format(response.targetBytes))"
                if let outcome = response.vm.outcome, outcome.targetBytes == response.targetBytes {
                    line += ", the guest " + Self.answer(outcome)
                } else if response.vm.actuator == .none {
                    line += ", stored; nothing can move this VM now"
                }
                return Output.lines([Terminal.clean(line)])
            }
            try await follow(response)
        }
    }

    private static func answer(_ outcome: TargetOutcome) -> String {
        switch outcome.answer {
        case .accepted: "accepted it"
        case .partly, .refused: "answered: " + VMDetailText.text(outcome)
        }
    }

    private func follow(_ response: SetTargetResponse) async throws {
        let bar = Output.isTerminal && !host.json
        let clock = ContinuousClock()
        let end = clock.now + .milliseconds(Int64(clamping: timeout))
        var progress = TargetProgress(response, now: .now)
        var shown: String?
        var lastLine = clock.now - .seconds(10)
        defer { if bar, shown != nil { Output.endProgress() } }
        while true {
            let detail = try await host.client.vm(vm)
            let verdict = progress.update(detail, now: .now)
            let line = progress.line(detail, bar: bar)
            if bar {
                Output.progress(line)
                shown = line
            } else if !host.json, line != shown, verdict != nil || clock.now - lastLine >= .seconds(1) {
                Output.lines([line])
                (shown, lastLine) = (line, clock.now)
            }
            if let verdict {
                if host.json { try Output.json(detail) }
                return try finish(verdict)
            }
            guard clock.now < end else {
                if host.json { try Output.json(detail) }
                throw APIError(
                    code: .failed,
                    message: "\(vm) did not reach its target within \(PeriodText.format(timeout))"
                        + (detail.stateDetail.map { " (\($0))" } ?? ""),
                    remedy: "the target stays set; `ballastctl show \(vm)` says what keeps it")
            }
            try await clock.sleep(for: .milliseconds(200))
        }
    }

    private func finish(_ verdict: TargetProgress.Verdict) throws {
        switch verdict {
        case .reached: return
        case .refused(let why):
            throw APIError(code: .refused, message: "\(vm): \(why)", remedy: "the target stays set")
        case .replaced(let why):
            throw APIError(code: .refused, message: "\(vm): \(why) meanwhile")
        }
    }
}
