/// Demand that only grew over a window: it defeats every plan that lends memory. Since: 0.2.
public struct Leak: WireMessage {
    /// As in Consumer; empty for the whole guest.
    public var cgroup: String = ""
    /// `grown_bytes`, field 2.
    public var grownBytes: UInt64 = 0
    /// `window_milliseconds`, field 3.
    public var windowMilliseconds: UInt64 = 0
    /// `bytes_per_hour`, field 4.
    public var bytesPerHour: UInt64 = 0
    /// `detail`, field 5.
    public var detail: String = ""

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        cgroup: String = "",
        grownBytes: UInt64 = 0,
        windowMilliseconds: UInt64 = 0,
        bytesPerHour: UInt64 = 0,
        detail: String = ""
    ) {
        self.cgroup = cgroup
        self.grownBytes = grownBytes
        self.windowMilliseconds = windowMilliseconds
        self.bytesPerHour = bytesPerHour
        self.detail = detail
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, cgroup)
        writer.field(2, grownBytes)
        writer.field(3, windowMilliseconds)
        writer.field(4, bytesPerHour)
        writer.field(5, detail)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: cgroup = try reader.string()
        case 2: grownBytes = try reader.uint64()
        case 3: windowMilliseconds = try reader.uint64()
        case 4: bytesPerHour = try reader.uint64()
        case 5: detail = try reader.string()
        default: return false
        }
        return true
    }
}
