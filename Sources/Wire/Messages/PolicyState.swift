/// The policies in force.
public struct PolicyState: WireMessage {
    /// Period of unasked Reports in milliseconds; 0 means none.
    public var statsPeriodMilliseconds: UInt64 = 0
    /// `deflate_on_oom`, field 2.
    public var deflateOnOom: DeflateOnOom = .unspecified
    /// Since: 0.2. The agent chooses the period itself, by pressure and change; stats_period_milliseconds is the period in
    /// force now.
    public var adaptive: Bool = false
    /// `on_controller_loss`, field 4.
    public var onControllerLoss: OnControllerLoss = .unspecified
    /// Where on_controller_loss is RELEASE_AFTER.
    public var releaseAfterMilliseconds: UInt64 = 0
    /// The guest's configuration restricts the host to observing: no targets, no policies.
    public var observeOnly: Bool = false
    /// Whether a peer set the value at run time; else it is the guest's configuration's. adaptive and
    /// release_after_milliseconds belong to the value before them.
    public var statsPeriodByHost: Bool = false
    /// `deflate_on_oom_by_host`, field 8.
    public var deflateOnOomByHost: Bool = false
    /// `on_controller_loss_by_host`, field 9.
    public var onControllerLossByHost: Bool = false
    /// Bounds of an adaptive period.
    public var minimumPeriodMilliseconds: UInt64 = 0
    /// `maximum_period_milliseconds`, field 11.
    public var maximumPeriodMilliseconds: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        statsPeriodMilliseconds: UInt64 = 0,
        deflateOnOom: DeflateOnOom = .unspecified,
        adaptive: Bool = false,
        onControllerLoss: OnControllerLoss = .unspecified,
        releaseAfterMilliseconds: UInt64 = 0,
        observeOnly: Bool = false,
        statsPeriodByHost: Bool = false,
        deflateOnOomByHost: Bool = false,
        onControllerLossByHost: Bool = false,
        minimumPeriodMilliseconds: UInt64 = 0,
        maximumPeriodMilliseconds: UInt64 = 0
    ) {
        self.statsPeriodMilliseconds = statsPeriodMilliseconds
        self.deflateOnOom = deflateOnOom
        self.adaptive = adaptive
        self.onControllerLoss = onControllerLoss
        self.releaseAfterMilliseconds = releaseAfterMilliseconds
        self.observeOnly = observeOnly
        self.statsPeriodByHost = statsPeriodByHost
        self.deflateOnOomByHost = deflateOnOomByHost
        self.onControllerLossByHost = onControllerLossByHost
        self.minimumPeriodMilliseconds = minimumPeriodMilliseconds
        self.maximumPeriodMilliseconds = maximumPeriodMilliseconds
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, statsPeriodMilliseconds)
        writer.field(2, deflateOnOom)
        writer.field(3, adaptive)
        writer.field(4, onControllerLoss)
        writer.field(5, releaseAfterMilliseconds)
        writer.field(6, observeOnly)
        writer.field(7, statsPeriodByHost)
        writer.field(8, deflateOnOomByHost)
        writer.field(9, onControllerLossByHost)
        writer.field(10, minimumPeriodMilliseconds)
        writer.field(11, maximumPeriodMilliseconds)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: statsPeriodMilliseconds = try reader.uint64()
        case 2: deflateOnOom = try reader.enumeration()
        case 3: adaptive = try reader.bool()
        case 4: onControllerLoss = try reader.enumeration()
        case 5: releaseAfterMilliseconds = try reader.uint64()
        case 6: observeOnly = try reader.bool()
        case 7: statsPeriodByHost = try reader.bool()
        case 8: deflateOnOomByHost = try reader.bool()
        case 9: onControllerLossByHost = try reader.bool()
        case 10: minimumPeriodMilliseconds = try reader.uint64()
        case 11: maximumPeriodMilliseconds = try reader.uint64()
        default: return false
        }
        return true
    }
}
