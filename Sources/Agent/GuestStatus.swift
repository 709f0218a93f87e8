public import Wire

/// What whoever is inside the guest may know: how much memory there really is, and why. All sizes are bytes.
/// docs/status-file.md is the contract.
public struct GuestStatus: Sendable, Equatable {
    /// The size of the VM as the host tells it, and the target; nil where no target was set.
    public var vmBytes: UInt64?
    /// Memory that the host wants the guest to keep; nil where no target was set.
    public var targetBytes: UInt64?
    /// MemTotal of /proc/meminfo.
    public var memoryTotalBytes: UInt64 = 0
    /// Memory that the balloon holds, quarantined memory included.
    public var ballooned: UInt64 = 0
    /// Memory on its way to the host.
    public var inFlightBytes: UInt64 = 0
    /// MemAvailable of /proc/meminfo.
    public var availableBytes: UInt64 = 0
    /// Memory that the guest has asked the host for; 0 where no ask stands.
    public var askedBytes: UInt64 = 0
    /// Who set the target: what the controller called itself; nil where no target was set.
    public var askedBy: String?
    /// Whether a controller is connected.
    public var controllerConnected = false
    /// What keeps the balloon from its target.
    public var limit = Reason.noReason
    /// One sentence with the numbers, empty where there is no limit.
    public var limitDetail = ""
    /// When the administrator's hold ends, in milliseconds since boot: 0 for no hold, `UInt64.max` for good.
    public var holdUntilMilliseconds: UInt64 = 0
    /// When the hold-off ends, in milliseconds since boot; 0 where none runs.
    public var holdOffUntilMilliseconds: UInt64 = 0
    /// The policies in force.
    public var policy = PolicyState()
    /// What happened lately, oldest first.
    public var events: [Event] = []

    /// A guest without a balloon.
    public init() {}

    /// What the guest has: MemTotal without what the balloon holds and moves.
    public var effectiveTotalBytes: UInt64 {
        let (sum, overflow) = ballooned.addingReportingOverflow(inFlightBytes)
        return overflow || sum > memoryTotalBytes ? 0 : memoryTotalBytes - sum
    }

    /// The document of the status file.
    /// - Parameter now: when it was made, in milliseconds since boot.
    public func json(agentVersion: String, now: UInt64) -> JSONValue {
        func optional(_ value: UInt64?) -> JSONValue { value.map { .integer($0) } ?? .null }
        return .object([
            .init("schema", .integer(1)),
            .init("agent_version", .string(agentVersion)),
            .init("uptime_ms", .integer(now)),
            .init("vm_bytes", optional(vmBytes)),
            .init("memory_total_bytes", .integer(memoryTotalBytes)),
            .init("ballooned_bytes", .integer(ballooned)),
            .init("in_flight_bytes", .integer(inFlightBytes)),
            .init("effective_total_bytes", .integer(effectiveTotalBytes)),
            .init("available_bytes", .integer(availableBytes)),
            .init("target_bytes", optional(targetBytes)),
            .init("asked_by", .text(askedBy)),
            .init("controller_connected", .boolean(controllerConnected)),
            .init("limit", .string(limit.name)),
            .init("limit_detail", .string(limitDetail)),
            .init("asked_bytes", .integer(askedBytes)),
            .init("hold_until_ms", Self.time(holdUntilMilliseconds)),
            .init("hold_off_until_ms", Self.time(holdOffUntilMilliseconds)),
            .init("policy", policyJSON),
            .init("events", .array(events.map(Self.json))),
        ])
    }

    /// `null` for none, `"forever"` for good.
    private static func time(_ milliseconds: UInt64) -> JSONValue {
        switch milliseconds {
        case 0: .null
        case .max: .string("forever")
        default: .integer(milliseconds)
        }
    }

    private var policyJSON: JSONValue {
        .object([
            .init("stats_period_ms", .integer(policy.statsPeriodMilliseconds)),
            .init("stats_period_adaptive", .boolean(policy.adaptive)),
            .init("deflate_on_oom", .string(policy.deflateOnOom.name)),
            .init("on_controller_loss", .string(policy.onControllerLoss.name)),
            .init(
                "release_after_ms",
                policy.onControllerLoss == .releaseAfter ? .integer(policy.releaseAfterMilliseconds) : .null),
            .init("observe_only", .boolean(policy.observeOnly)),
            .init(
                "set_at_run_time",
                .array(
                    [
                        ("stats_period", policy.statsPeriodByHost), ("deflate_on_oom", policy.deflateOnOomByHost),
                        ("on_controller_loss", policy.onControllerLossByHost),
                    ].filter(\.1).map { .string($0.0) })),
        ])
    }

    private static func json(_ event: Event) -> JSONValue {
        .object([
            .init("uptime_ms", .integer(event.uptimeMilliseconds)),
            .init("kind", .string(event.kind.name)),
            .init("reason", .string(event.reason.name)),
            .init("bytes", .integer(event.bytes)),
            .init("detail", .string(event.detail)),
        ])
    }
}
