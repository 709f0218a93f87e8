/// The guest asks for memory; sent to the controller on its own: when it begins, changes, is renewed or withdrawn, and
/// when a controller's session begins while it stands. A host without it learns the guest's need from its reports alone.
/// Since: 0.2.
public struct Ask: WireMessage {
    /// How much more than the present target gives. 0 withdraws what was asked for.
    public var bytes: UInt64 = 0
    /// `reason`, field 2.
    public var reason: Reason = .noReason
    /// With the numbers that led to it.
    public var detail: String = ""
    /// The guest is in distress: it fell below its watermark, had an OOM kill, or thrashes.
    public var urgent: Bool = false
    /// How long the ask stands from receipt unless it is renewed or withdrawn.
    public var holdMilliseconds: UInt64 = 0
    /// Counts asks of this agent process from 1; the highest one stands.
    public var sequence: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        bytes: UInt64 = 0,
        reason: Reason = .noReason,
        detail: String = "",
        urgent: Bool = false,
        holdMilliseconds: UInt64 = 0,
        sequence: UInt64 = 0
    ) {
        self.bytes = bytes
        self.reason = reason
        self.detail = detail
        self.urgent = urgent
        self.holdMilliseconds = holdMilliseconds
        self.sequence = sequence
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, bytes)
        writer.field(2, reason)
        writer.field(3, detail)
        writer.field(4, urgent)
        writer.field(5, holdMilliseconds)
        writer.field(6, sequence)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: bytes = try reader.uint64()
        case 2: reason = try reader.enumeration()
        case 3: detail = try reader.string()
        case 4: urgent = try reader.bool()
        case 5: holdMilliseconds = try reader.uint64()
        case 6: sequence = try reader.uint64()
        default: return false
        }
        return true
    }
}
