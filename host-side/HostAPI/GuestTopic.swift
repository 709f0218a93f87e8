/// What can be asked of a guest.
public enum GuestTopic: String, Codable, Sendable, CaseIterable {
    /// Memory by kind, and counters.
    case memory
    /// The agent balloon.
    case balloon
    /// Pressure stall information of memory.
    case pressure
    /// Policies in force.
    case policy
    /// What the guest can give, and at which cost.
    case prices
    /// Memory by the time since it was last used. May cost the guest a measurement.
    case workingSet = "working-set"
    /// Who uses the memory. Reads every cgroup of the guest.
    case top
    /// What the agent can see of this guest, and why not more.
    case sensors
    /// All that is cheap: memory, balloon, pressure, policy and prices.
    case all

    /// The topic of that name; the working set's may be written without the hyphen.
    public init?(word: String) {
        self.init(rawValue: word == "workingset" ? Self.workingSet.rawValue : word)
    }

    /// What is wrong with a report that was asked for this topic, or nil: an agent leaves out what it does not know.
    ///
    /// - Parameter version: the agent's version, where it is known.
    public func problem(with report: GuestReport, agent version: String?) -> APIError? {
        let told =
            switch self {
            case .memory: report.memory != nil
            case .balloon: report.balloon != nil
            case .pressure: report.pressure != nil
            case .policy: report.policy != nil
            case .prices: report.prices != nil
            case .workingSet: report.workingSet != nil
            case .top: report.top != nil
            case .sensors: report.sensors != nil
            case .all: true
            }
        if told { return nil }
        return APIError(
            code: .refused,
            message: "the guest's agent\(version.map { " (version \($0))" } ?? "") tells nothing of \(rawValue)",
            remedy: "a newer ballast-agent does")
    }
}
