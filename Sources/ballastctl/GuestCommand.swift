import ArgumentParser
import HostAPI
import Wire

struct GuestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guest", abstract: "Ask a guest about itself, or change its policies.",
        usage: """
            ballastctl guest <vm> <what> [options]
            ballastctl guest --unix <path> <what> [options]
            ballastctl guest --serial <path> <what> [options]
            """,
        discussion: """
            <what> is memory, balloon, pressure, policy, all or set-policy. Asks over the daemon; with --unix over the \
            agent's socket, inside the guest; with --serial over the socket behind the guest's virtio-serial port, on \
            the host, while no daemon uses it.
            """)

    @Argument(help: ArgumentHelp("The VM (not with --unix or --serial), and what.", valueName: "vm> <what"))
    var words: [String]

    @Option(help: ArgumentHelp("The agent's unix socket, inside the guest.", valueName: "path"))
    var unix: String?

    @Option(help: ArgumentHelp("The unix socket of the port's chardev, on the host.", valueName: "path"))
    var serial: String?

    @Option(
        help: ArgumentHelp("set-policy: period of unasked reports, such as 5s; 0 for none.", valueName: "time"),
        transform: PeriodArgument.parse)
    var statsPeriod: UInt64?

    @Option(
        help: ArgumentHelp("set-policy: when the balloon yields unasked: off, oom or pressure.", valueName: "when"),
        transform: { text in
            guard let policy = DeflateOnOomPolicy(rawValue: text) else {
                throw ValidationError("\"\(text)\" is none of off, oom, pressure.")
            }
            return policy
        })
    var deflateOnOom: DeflateOnOomPolicy?

    @Option(
        help: ArgumentHelp("Ask again after this time, such as 1s, until interrupted.", valueName: "time"),
        transform: PeriodArgument.parse)
    var watch: UInt64?

    @OptionGroup var host: HostOptions

    private var change: GuestPolicyChange {
        GuestPolicyChange(statsPeriodMilliseconds: statsPeriod, deflateOnOom: deflateOnOom)
    }

    private var isDirect: Bool { unix != nil || serial != nil }

    func validate() throws {
        guard unix == nil || serial == nil else { throw ValidationError("Use --unix or --serial, not both.") }
        guard words.count == (isDirect ? 1 : 2) else {
            throw ValidationError(
                isDirect
                    ? "Say what to ask: memory, balloon, pressure, policy, all or set-policy; no VM with --unix or --serial."
                    : "Name a VM and what to ask: memory, balloon, pressure, policy, all or set-policy.")
        }
        let what = words[words.count - 1]
        if what == "set-policy" {
            guard !change.isEmpty else { throw ValidationError("Give --stats-period or --deflate-on-oom.") }
            if let problem = change.problem { throw ValidationError(problem) }
            guard serial == nil else {
                throw ValidationError("Over --serial one may only look; set policies over the daemon or --unix.")
            }
            guard watch == nil else { throw ValidationError("--watch is for asking only.") }
        } else {
            guard GuestTopic(rawValue: what) != nil else {
                throw ValidationError("\"\(what)\" is none of memory, balloon, pressure, policy, all, set-policy.")
            }
            guard change.isEmpty else { throw ValidationError("--stats-period and --deflate-on-oom need set-policy.") }
        }
        if let watch, watch < 100 { throw ValidationError("--watch takes at least 100ms.") }
    }

    func run() async throws {
        try await Output.run(json: host.json) {
            let what = words[words.count - 1]
            guard let topic = GuestTopic(rawValue: what) else { return try await setPolicy() }
            var dialer = isDirect ? try AgentDialer(path: unix ?? serial ?? "", role: .observer) : nil
            var first = true
            repeat {
                if !first, let watch { try await Task.sleep(for: .milliseconds(Int64(clamping: watch))) }
                let report: GuestReport
                if dialer != nil {
                    report = GuestReport(try dialer?.query(topic) ?? .init(), vm: nil, time: .now)
                } else {
                    report = try await host.client.guest(words[0], topic)
                }
                if host.json {
                    try Output.json(report, onOneLine: watch != nil)
                } else {
                    if watch != nil, Output.isTerminal { Output.lines(["\u{1B}[H\u{1B}[2J\(report.time)"]) }
                    if watch != nil, !Output.isTerminal { Output.lines((first ? [] : [""]) + ["\(report.time)"]) }
                    Output.lines(GuestReportText.lines(report))
                }
                first = false
            } while watch != nil
        }
    }

    private func setPolicy() async throws {
        let policy: GuestPolicy
        if let unix {
            var dialer = try AgentDialer(path: unix, role: .localAdmin)
            policy = GuestPolicy(try dialer.setPolicy(change.wire))
        } else {
            policy = try await host.client.setGuestPolicy(words[0], change)
        }
        if host.json { return try Output.json(policy) }
        Output.lines([
            "Stats period \(PeriodText.format(policy.statsPeriodMilliseconds)), deflate on OOM "
                + policy.deflateOnOom.rawValue + "."
        ])
    }
}
