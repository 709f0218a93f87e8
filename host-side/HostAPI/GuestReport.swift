/// What a guest says about itself: `GET /v1/vms/{name}/guest/{topic}`. Only the topics asked for are there.
public struct GuestReport: Codable, Sendable, Equatable {
    /// Name of the VM; nil where the agent was asked without the daemon.
    public var vm: String?
    /// Who measured: the agent, or the statistics of the VMM's balloon device.
    public var source: Actuator
    /// When the numbers were received.
    public var time: Timestamp
    /// Time since the guest booted, in milliseconds, when the numbers were read; nil where it is not told.
    public var uptimeMilliseconds: UInt64?
    /// Memory.
    public var memory: GuestMemory?
    /// Pressure stall information of memory.
    public var pressure: GuestPressure?
    /// The agent balloon.
    public var balloon: GuestBalloon?
    /// Policies in force.
    public var policy: GuestPolicy?
    /// What the guest can give, and at which cost.
    public var prices: GuestPrices?
    /// Memory by the time since it was last used.
    public var workingSet: GuestWorkingSet?
    /// Who uses the memory.
    public var top: GuestTop?
    /// What the agent can see of this guest.
    public var sensors: [GuestSensor]?

    /// Makes a report without topics.
    public init(vm: String? = nil, source: Actuator, time: Timestamp, uptimeMilliseconds: UInt64? = nil) {
        self.vm = vm
        self.source = source
        self.time = time
        self.uptimeMilliseconds = uptimeMilliseconds
    }
}
