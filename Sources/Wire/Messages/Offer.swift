/// Pages that are pinned and stamped: the host may discard exactly these until it answers, and answers only when the
/// discard has returned.
public struct Offer: WireMessage {
    /// `chunk`, field 1.
    public var chunk: UInt64 = 0
    /// Counts offers of this session from 1; the answer repeats it.
    public var sequence: UInt64 = 0
    /// Sum of the extents in bytes.
    public var bytes: UInt64 = 0
    /// Alternating: first page frame number, number of frames. Frames are 4 KiB. At most 16,384 numbers.
    public var extents: [UInt64] = []
    /// Part of a chunk that is already held is offered again: its frames moved, or the host asked.
    public var again: Bool = false

    /// A message with every field at its default.
    public init() {}

    /// Each field by name; those left out keep their default.
    public init(
        chunk: UInt64 = 0,
        sequence: UInt64 = 0,
        bytes: UInt64 = 0,
        extents: [UInt64] = [],
        again: Bool = false
    ) {
        self.chunk = chunk
        self.sequence = sequence
        self.bytes = bytes
        self.extents = extents
        self.again = again
    }

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
        writer.field(1, chunk)
        writer.field(2, sequence)
        writer.field(3, bytes)
        writer.packed(4, extents)
        writer.field(5, again)
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        case 1: chunk = try reader.uint64()
        case 2: sequence = try reader.uint64()
        case 3: bytes = try reader.uint64()
        case 4: try reader.packed(into: &extents)
        case 5: again = try reader.bool()
        default: return false
        }
        return true
    }
}
