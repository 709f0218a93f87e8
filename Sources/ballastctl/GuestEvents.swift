import HostAPI
import Wire

/// `ballastctl guest ... events`.
struct GuestEvents {
    let host: HostOptions
    let follow: Bool

    /// Those of a VM, over the daemon: the last ones, and with `follow` new ones.
    func show(of vm: String) async throws {
        // An unknown name is an error, not a VM without events.
        _ = try await host.client.vm(vm)
        var page = try await host.client.events(limit: APIRoute.mostEvents)
        try show(page.events.filter { $0.vm == vm }.suffix(100))
        while follow {
            do {
                page = try await host.client.events(since: page.next, waitSeconds: 30, limit: APIRoute.mostEvents)
                if page.lost { Output.complain("some events were dropped before they were read") }
                try show(page.events.filter { $0.vm == vm })
            } catch let error as APIError where error.code == .unreachable {
                try await pause(error)
            }
        }
    }

    /// Those that an agent reports from now on, without the daemon.
    func listen(at place: GuestPlace) async throws {
        var dialer = try AgentDialer(place, role: .observer)
        while true {
            do {
                try dialer.follow { event in
                    let event = GuestEvent(event, time: .now)
                    if host.json {
                        try Output.json(event, onOneLine: true)
                    } else {
                        Output.lines([EventText.line(event)])
                    }
                }
            } catch let error as APIError where error.code == .unreachable {
                // The agent may be restarting.
                try await pause(error)
                while true {
                    do {
                        dialer = try AgentDialer(place, role: .observer)
                        break
                    } catch let error as APIError where error.code == .unreachable {
                        try await Task.sleep(for: .seconds(1))
                    }
                }
            }
        }
    }

    private func show(_ events: some Sequence<HostEvent>) throws {
        for event in events {
            if host.json { try Output.json(event, onOneLine: true) } else { Output.lines([EventText.line(event)]) }
        }
    }

    private func pause(_ error: APIError) async throws {
        Output.complain(error.message + "; trying again")
        try await Task.sleep(for: .seconds(1))
    }
}
