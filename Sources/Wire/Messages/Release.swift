/// Releases the whole balloon and forgets the target. Answered by ReleaseAnswer at once.
public struct Release: WireMessage {

    /// A message with every field at its default.
    public init() {}

    /// Appends the fields that differ from their default.
    public func encode(to writer: inout ProtobufWriter) {
    }

    /// Reads one field; false where its number is unknown.
    public mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool {
        switch number {
        default: return false
        }
    }
}
