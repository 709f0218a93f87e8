/// From /proc/pressure/memory.
public struct PressureReport: WireMessage {
    /// Stall of the schema.
    public struct Stall: WireMessage {
        /// Averages in hundredths of a percent, 0 ... 10000.
        public var average10Seconds: UInt32 = 0
        /// `average_60_seconds`, field 2.
        public var average60Seconds: UInt32 = 0
        /// `average_300_seconds`, field 3.
        public var average300Seconds: UInt32 = 0
        /// Since boot.
        public var totalMicroseconds: UInt64 = 0

        /// A message with every field at its default.
        public init() {}

        /// Each field by name; those left out keep their default.
        public init(
            average10Seconds: UInt32 = 0,
            average60Seconds: UInt32 = 0,
            average300Seconds: UInt32 = 0,
            totalMicroseconds: UInt64 = 0
        ) {
            self.average10Seconds = average10Seconds
            self.average60Seconds = average60Seconds
            self.average300Seconds = average300Seconds
            self.totalMicroseconds = totalMicroseconds
        }

        /// Appends the fields that differ from their default.
        public func encode(to writer: inout ProtobufWriter) {
            writer.field(1, average10Seconds)
            writer.field(2, average60Seconds)
            writer.field(3, average300Seconds)
            writer.field(4, totalMicroseconds)
        }

        /// Reads one field; false where its number is unknown.
        public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
            switch number {
            case 1: average10Seconds = try reader.uint32()
            case 2: average60Seconds = try reader.uint32()
            case 3: average300Seconds = try reader.uint32()
            case 4: totalMicroseconds = try reader.uint64()
            default: return false
            }
            return true
        }
    }

    /// False where the kernel has no PSI or it is switched off.
    public var available: Bool = false
    /// `some`, field 2.
    public var some: Stall?
    /// `full`, field 3.
    public var full: Stall?

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        available: Bool = false,
        some: Stall? = nil,
        full: Stall? = nil
    ) {
        self.available = available
        self.some = some
        self.full = full
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, available)
        if let some { writer.message(2, some) }
        if let full { writer.message(3, full) }
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: available = try reader.bool()
        case 2: try reader.message(into: &some)
        case 3: try reader.message(into: &full)
        default: return false
        }
        return true
    }
}
