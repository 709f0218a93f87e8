/// Changes policies; absent fields stay, all or none are changed. Answered by PolicyState, or Failure REFUSED where the
/// guest's configuration does not allow a value. An older agent ignores the newer fields: its PolicyState shows that.
public struct SetPolicy: WireMessage {
    /// A fixed period: 0, or 100 ... 86,400,000. Ends adaptive.
    public var statsPeriodMilliseconds: UInt64?
    /// `deflate_on_oom`, field 2.
    public var deflateOnOom: DeflateOnOom?
    /// Since: 0.2. True: the agent chooses the period, within its configuration's bounds; refused beside a fixed period.
    /// False: the period in force becomes a fixed one.
    public var adaptive: Bool?
    /// `on_controller_loss`, field 4.
    public var onControllerLoss: OnControllerLoss?
    /// 1,000 ... 604,800,000 (a week); demanded with RELEASE_AFTER, refused without it.
    public var releaseAfterMilliseconds: UInt64?

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        statsPeriodMilliseconds: UInt64? = nil,
        deflateOnOom: DeflateOnOom? = nil,
        adaptive: Bool? = nil,
        onControllerLoss: OnControllerLoss? = nil,
        releaseAfterMilliseconds: UInt64? = nil
    ) {
        self.statsPeriodMilliseconds = statsPeriodMilliseconds
        self.deflateOnOom = deflateOnOom
        self.adaptive = adaptive
        self.onControllerLoss = onControllerLoss
        self.releaseAfterMilliseconds = releaseAfterMilliseconds
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        if let statsPeriodMilliseconds { writer.always(1, statsPeriodMilliseconds) }
        if let deflateOnOom { writer.always(2, deflateOnOom) }
        if let adaptive { writer.always(3, adaptive) }
        if let onControllerLoss { writer.always(4, onControllerLoss) }
        if let releaseAfterMilliseconds { writer.always(5, releaseAfterMilliseconds) }
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: statsPeriodMilliseconds = try reader.uint64()
        case 2: deflateOnOom = try reader.enumeration()
        case 3: adaptive = try reader.bool()
        case 4: onControllerLoss = try reader.enumeration()
        case 5: releaseAfterMilliseconds = try reader.uint64()
        default: return false
        }
        return true
    }
}
