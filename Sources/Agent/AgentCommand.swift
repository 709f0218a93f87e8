import Governor

/// What the command line asks for.
enum AgentCommand: Sendable, Equatable {
    /// Run the agent.
    case run
    /// Say whether the configuration is good.
    case checkConfiguration
    /// Say what can be sensed in this guest.
    case sensors(json: Bool)
    /// Ask the running agent to give everything back.
    case releaseAll(ReleaseOptions)
    /// Ask the running agent to allow inflation again: to end the hold of a hibernation, or every hold.
    case endHold(hibernating: Bool)
    /// Print the version.
    case version
    /// Print the usage.
    case help

    /// How everything is to be given back. Times are nanoseconds.
    struct ReleaseOptions: Sendable, Equatable {
        /// How long inflation is forbidden, 0 for not at all, `UInt64.max` until further notice.
        var hold: UInt64 = 0
        /// Whether it is because the guest hibernates.
        var hibernating = false
        /// How long to wait until everything is back.
        var patience = 20 * DurationText.second
    }

    /// The words, and the configuration that they name.
    static func parse(_ arguments: [String]) throws(UsageError) -> (command: AgentCommand, configuration: String?) {
        var parser = AgentArguments(words: arguments)
        return try parser.parse()
    }
}
