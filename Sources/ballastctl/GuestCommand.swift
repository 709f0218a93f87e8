import ArgumentParser
import HostAPI
import Wire

struct GuestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guest", abstract: "Ask a guest about itself, or change its policies.",
        usage: """
            ballastctl guest <vm> <what> [options]
            ballastctl guest --vsock <cid> <what> [options]
            ballastctl guest --unix <path> <what> [options]
            ballastctl guest --serial <path> <what> [options]
            ballastctl guest [--socket <path>] <what> [options]
            """,
        discussion: """
            <what> is one of

            memory, pressure, balloon, policy: the guest's account of them; all: these and prices.
            workingset: memory by the time since it was last used.
            top: who uses the memory; leaks that are suspected.
            prices: what the guest can give, and at which cost.
            sensors: what the agent can see, and why not more.
            events: what happened; without the daemon, what happens.
            watch: everything, again and again.
            set-policy: change policies.
            hold 1h, hold forever, hold --end: forbid the balloon to grow for a while; inside the guest only.

            With a VM it asks over the daemon. With --vsock, --unix or --serial it asks the agent itself, on the \
            host, without a daemon; where a daemon has that agent, the question goes through the daemon. Without all \
            of them, or with --socket, it asks over the agent's own socket, inside the guest.
            """)

    /// How often `watch` looks, in milliseconds, unless --watch says otherwise.
    private static let usualWatch: UInt64 = 1000

    @Argument(help: ArgumentHelp("The VM, where no option names the place, and what.", valueName: "vm> <what"))
    var words: [String]

    @OptionGroup var places: GuestPlaceOptions

    @OptionGroup var policy: GuestPolicyOptions

    @Option(
        help: ArgumentHelp("Ask again after this time, such as 1s, until interrupted.", valueName: "time"),
        transform: PeriodArgument.parse)
    var watch: UInt64?

    @Flag(help: "hold: end it.")
    var end = false

    @Flag(name: [.long, .short], help: "events: go on with new ones until interrupted.")
    var follow = false

    @Flag(help: "workingset: draw with plain ASCII, whatever the terminal.")
    var ascii = false

    @OptionGroup var host: HostOptions

    func validate() throws {
        let (place, verb) = try GuestVerb.read(words, at: places.place(), end: end)
        switch verb {
        case .setPolicy:
            guard !policy.change.isEmpty else {
                throw ValidationError("Give --stats-period, --deflate-on-oom or --on-controller-loss.")
            }
            if let problem = policy.change.problem { throw ValidationError(problem) }
        case .hold:
            guard case .local = place else {
                throw ValidationError(
                    "hold is for the guest's administrator: `ballastctl guest hold 1h` inside the guest. The host has "
                        + "`ballastctl pause`.")
            }
        case .ask, .watch, .events: break
        }
        if verb != .setPolicy, !policy.change.isEmpty {
            throw ValidationError("--stats-period, --deflate-on-oom and --on-controller-loss need set-policy.")
        }
        if follow, verb != .events { throw ValidationError("--follow belongs to events.") }
        if let watch {
            switch verb {
            case .ask, .watch: break
            case .setPolicy, .hold, .events: throw ValidationError("--watch is for asking only.")
            }
            if watch < 100 { throw ValidationError("--watch takes at least 100ms.") }
        }
    }

    func run() async throws {
        try await Output.run(json: host.json) {
            let (named, verb) = try GuestVerb.read(words, at: places.place(), end: end)
            let place = await throughDaemon(named)
            switch verb {
            case .ask(let topic): try await show(topic, of: place, every: watch)
            case .watch: try await show(.all, of: place, every: watch ?? Self.usualWatch)
            case .events:
                let events = GuestEvents(host: host, follow: follow)
                if case .vm(let vm) = place {
                    try await events.show(of: vm)
                } else {
                    try await events.listen(at: place)
                }
            case .setPolicy: try await setPolicy(of: place)
            case .hold(let milliseconds): try hold(milliseconds, at: place)
            }
        }
    }

    /// The VM, where a daemon has the session with that agent: a port serves one program, and a guest one controller.
    private func throughDaemon(_ place: GuestPlace) async -> GuestPlace {
        guard case .remote(let address) = place,
            let vms = try? await HostClient(socketPath: host.client.socketPath, timeout: .seconds(3)).vms(),
            let vm = vms.first(where: { vm in
                vm.agentConnected == true && vm.agentAddress.flatMap { AgentAddress($0) }?.isSame(as: address) == true
            })
        else { return place }
        Output.complain("ballast-host has this agent, as \(vm.name): asked through it")
        return .vm(vm.name)
    }

    private func show(_ topic: GuestTopic, of place: GuestPlace, every period: UInt64?) async throws {
        var dialer: AgentDialer?
        var first = true
        repeat {
            if !first, let period { try await Task.sleep(for: .milliseconds(Int64(clamping: period))) }
            let report: GuestReport
            do {
                report = try await ask(topic, of: place, over: &dialer)
            } catch let error as APIError where error.code == .unreachable && !first {
                // Whoever watches wants to see it come back, after a reboot or a restart.
                dialer = nil
                Output.complain(error.message + "; trying again")
                continue
            }
            if host.json {
                try Output.json(report, onOneLine: period != nil)
            } else {
                let lines = GuestReportText.lines(report, on: Output.canvas(ascii: ascii))
                if period == nil {
                    Output.lines(lines)
                } else if Output.isTerminal {
                    Output.lines(["\u{1B}[H\u{1B}[2J\(report.time)"] + lines)
                } else {
                    Output.lines((first ? [] : [""]) + ["\(report.time)"] + lines)
                }
            }
            first = false
        } while period != nil
    }

    /// One report; over the daemon, or over a session that is kept.
    private func ask(
        _ topic: GuestTopic, of place: GuestPlace, over dialer: inout AgentDialer?
    ) async throws -> GuestReport {
        if case .vm(let vm) = place { return try await host.client.guest(vm, topic) }
        var open = try dialer ?? AgentDialer(place, role: .observer)
        // A session that breaks is not kept.
        dialer = nil
        let report = GuestReport(try open.query(topic), vm: nil, time: .now)
        if let problem = topic.problem(with: report, agent: open.agentVersion) { throw problem }
        dialer = open
        return report
    }

    private func setPolicy(of place: GuestPlace) async throws {
        let inForce: GuestPolicy
        switch place {
        case .remote:
            throw APIError(
                code: .refused, message: "without a daemon one may only look at a guest from its host",
                remedy: "set policies over ballast-host: ballastctl guest <vm> set-policy ...; or inside the guest")
        case .local:
            var dialer = try AgentDialer(place, role: .localAdmin)
            inForce = GuestPolicy(try dialer.setPolicy(policy.change.wire))
            if let key = policy.change.ignored(by: inForce).first {
                throw APIError(
                    code: .refused, message: "the agent (version \(dialer.agentVersion)) does not know this \(key)",
                    remedy: "a newer ballast-agent does")
            }
        case .vm(let name): inForce = try await host.client.setGuestPolicy(name, policy.change)
        }
        if host.json { return try Output.json(inForce) }
        Output.lines([GuestPolicyText.sentence(inForce)])
    }

    private func hold(_ milliseconds: UInt64, at place: GuestPlace) throws {
        var dialer = try AgentDialer(place, role: .localAdmin)
        let hold = GuestHold(remaining: try dialer.hold(milliseconds))
        if host.json { return try Output.json(hold) }
        guard hold.held else { return Output.lines(["The balloon may grow again."]) }
        let time = hold.remainingMilliseconds.map { "for " + PeriodText.span($0) } ?? "until further notice"
        Output.lines(["The balloon may not grow \(time); what it holds already stays."])
    }
}
