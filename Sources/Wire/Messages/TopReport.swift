/// Who uses the memory. Since: 0.2.
public struct TopReport: WireMessage {
    /// Biggest first, at most 64. A cgroup's numbers include its descendants', which may be listed too.
    public var consumers: [Consumer] = []
    /// 1 or 2; 0 where there is no memory controller, and then no consumers.
    public var cgroupVersion: UInt32 = 0
    /// At most 16.
    public var leaks: [Leak] = []
    /// Consumers that were not listed.
    public var leftOut: UInt32 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        consumers: [Consumer] = [],
        cgroupVersion: UInt32 = 0,
        leaks: [Leak] = [],
        leftOut: UInt32 = 0
    ) {
        self.consumers = consumers
        self.cgroupVersion = cgroupVersion
        self.leaks = leaks
        self.leftOut = leftOut
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        for element in consumers { writer.message(1, element) }
        writer.field(2, cgroupVersion)
        for element in leaks { writer.message(3, element) }
        writer.field(4, leftOut)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: try reader.message(appendTo: &consumers)
        case 2: cgroupVersion = try reader.uint32()
        case 3: try reader.message(appendTo: &leaks)
        case 4: leftOut = try reader.uint32()
        default: return false
        }
        return true
    }
}
