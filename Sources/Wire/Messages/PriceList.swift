/// What the guest can give at which cost: first what is free above its reserve, then page cache and anonymous memory by
/// age. The classes do not overlap; together they are an upper bound of what inflating may take. Since: 0.2.
public struct PriceList: WireMessage {
    /// At most 128.
    public var prices: [Price] = []
    /// Free memory that must stay, in bytes.
    public var reserveBytes: UInt64 = 0
    /// CLOCK_BOOTTIME of the guest in milliseconds when the list was made.
    public var uptimeMilliseconds: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        prices: [Price] = [],
        reserveBytes: UInt64 = 0,
        uptimeMilliseconds: UInt64 = 0
    ) {
        self.prices = prices
        self.reserveBytes = reserveBytes
        self.uptimeMilliseconds = uptimeMilliseconds
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        for element in prices { writer.message(1, element) }
        writer.field(2, reserveBytes)
        writer.field(3, uptimeMilliseconds)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: try reader.message(appendTo: &prices)
        case 2: reserveBytes = try reader.uint64()
        case 3: uptimeMilliseconds = try reader.uint64()
        default: return false
        }
        return true
    }
}
