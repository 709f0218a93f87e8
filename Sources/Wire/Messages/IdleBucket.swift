/// Memory that was last used within a span of time. Since: 0.2.
public struct IdleBucket: WireMessage {
    /// Unused for at least so long.
    public var minimumIdleMilliseconds: UInt64 = 0
    /// And for less than this; 0 where there is no bound.
    public var maximumIdleMilliseconds: UInt64 = 0
    /// `anonymous_bytes`, field 3.
    public var anonymousBytes: UInt64 = 0
    /// `file_bytes`, field 4.
    public var fileBytes: UInt64 = 0
    /// NUMA node.
    public var node: UInt32 = 0
    /// Anonymous or file, where the method does not tell them apart.
    public var unknownBytes: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        minimumIdleMilliseconds: UInt64 = 0,
        maximumIdleMilliseconds: UInt64 = 0,
        anonymousBytes: UInt64 = 0,
        fileBytes: UInt64 = 0,
        node: UInt32 = 0,
        unknownBytes: UInt64 = 0
    ) {
        self.minimumIdleMilliseconds = minimumIdleMilliseconds
        self.maximumIdleMilliseconds = maximumIdleMilliseconds
        self.anonymousBytes = anonymousBytes
        self.fileBytes = fileBytes
        self.node = node
        self.unknownBytes = unknownBytes
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, minimumIdleMilliseconds)
        writer.field(2, maximumIdleMilliseconds)
        writer.field(3, anonymousBytes)
        writer.field(4, fileBytes)
        writer.field(5, node)
        writer.field(6, unknownBytes)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: minimumIdleMilliseconds = try reader.uint64()
        case 2: maximumIdleMilliseconds = try reader.uint64()
        case 3: anonymousBytes = try reader.uint64()
        case 4: fileBytes = try reader.uint64()
        case 5: node = try reader.uint32()
        case 6: unknownBytes = try reader.uint64()
        default: return false
        }
        return true
    }
}
