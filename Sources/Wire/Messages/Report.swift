/// Memory of the guest; also sent on its own every stats-period.
public struct Report: WireMessage {
    /// CLOCK_BOOTTIME of the guest in milliseconds when the numbers were read.
    public var uptimeMilliseconds: UInt64 = 0
    /// `memory`, field 2.
    public var memory: MemoryReport?
    /// `pressure`, field 3.
    public var pressure: PressureReport?
    /// `balloon`, field 4.
    public var balloon: BalloonReport?
    /// `policy`, field 5.
    public var policy: PolicyState?

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        uptimeMilliseconds: UInt64 = 0,
        memory: MemoryReport? = nil,
        pressure: PressureReport? = nil,
        balloon: BalloonReport? = nil,
        policy: PolicyState? = nil
    ) {
        self.uptimeMilliseconds = uptimeMilliseconds
        self.memory = memory
        self.pressure = pressure
        self.balloon = balloon
        self.policy = policy
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, uptimeMilliseconds)
        if let memory { writer.message(2, memory) }
        if let pressure { writer.message(3, pressure) }
        if let balloon { writer.message(4, balloon) }
        if let policy { writer.message(5, policy) }
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: uptimeMilliseconds = try reader.uint64()
        case 2: try reader.message(into: &memory)
        case 3: try reader.message(into: &pressure)
        case 4: try reader.message(into: &balloon)
        case 5: try reader.message(into: &policy)
        default: return false
        }
        return true
    }
}
