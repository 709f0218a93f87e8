import Governor
import SystemPackage
import Wire

/// What the command line asks of the running agent.
enum AdminRequest {
    /// Gives everything back, after forbidding inflation where that is asked for. Returns the exit status.
    static func releaseAll(_ configuration: AgentConfiguration, _ options: AgentCommand.ReleaseOptions) -> Int32 {
        attempt(configuration, hibernating: options.hibernating) {
            client throws(AgentClientError) in
            if options.hold > 0 {
                let milliseconds = options.hold == .max ? .max : max(1, options.hold / DurationText.millisecond)
                _ = try client.hold(milliseconds: milliseconds)
            }
            let bytes = try client.releaseEverything(within: options.patience)
            print("\(ByteSize.format(bytes)) given back")
        }
    }

    /// Ends the hold of a hibernation, or every hold. Returns the exit status.
    static func endHold(_ configuration: AgentConfiguration, hibernating: Bool) -> Int32 {
        attempt(configuration, hibernating: hibernating) { client throws(AgentClientError) in
            _ = try client.hold(milliseconds: 0)
            print("inflation is allowed again")
        }
    }

    private static func attempt(
        _ configuration: AgentConfiguration, hibernating: Bool,
        _ body: (inout AgentClient) throws(AgentClientError) -> Void
    ) -> Int32 {
        guard !configuration.socket.isEmpty else {
            return AgentMain.fail("the configuration has no socket (agent.socket), so no agent can be asked", 1)
        }
        do {
            var client = try AgentClient(
                path: FilePath(configuration.socket),
                peer: hibernating ? AgentClient.hibernationPeer : "ballast-agent \(AgentVersion.current)")
            try body(&client)
            return 0
        } catch {
            return AgentMain.fail("\(error)", status(error.code))
        }
    }

    private static func status(_ code: AgentClientError.Code) -> Int32 {
        switch code {
        case .unreachable: 2
        case .late: 3
        case .refused, .failed: 1
        }
    }
}
