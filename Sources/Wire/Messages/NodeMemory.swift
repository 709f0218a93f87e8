/// One NUMA node, from /sys/devices/system/node.
public struct NodeMemory: WireMessage {
    /// `node`, field 1.
    public var node: UInt32 = 0
    /// `total_bytes`, field 2.
    public var totalBytes: UInt64 = 0
    /// `free_bytes`, field 3.
    public var freeBytes: UInt64 = 0
    /// `file_bytes`, field 4.
    public var fileBytes: UInt64 = 0
    /// `anonymous_bytes`, field 5.
    public var anonymousBytes: UInt64 = 0

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        node: UInt32 = 0,
        totalBytes: UInt64 = 0,
        freeBytes: UInt64 = 0,
        fileBytes: UInt64 = 0,
        anonymousBytes: UInt64 = 0
    ) {
        self.node = node
        self.totalBytes = totalBytes
        self.freeBytes = freeBytes
        self.fileBytes = fileBytes
        self.anonymousBytes = anonymousBytes
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, node)
        writer.field(2, totalBytes)
        writer.field(3, freeBytes)
        writer.field(4, fileBytes)
        writer.field(5, anonymousBytes)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: node = try reader.uint32()
        case 2: totalBytes = try reader.uint64()
        case 3: freeBytes = try reader.uint64()
        case 4: fileBytes = try reader.uint64()
        case 5: anonymousBytes = try reader.uint64()
        default: return false
        }
        return true
    }
}
