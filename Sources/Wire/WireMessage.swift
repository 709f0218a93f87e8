/// A message of the schema `ballast.proto`: protobuf encoding, proto3 rules.
public protocol WireMessage: Sendable, Hashable {
    /// A message with every field at its default.
    init()
    /// Appends the fields that differ from their default, in the order of their numbers.
    func encode(to writer: inout ProtobufWriter)
    /// Reads the value of field `number`; false leaves it to the reader to skip.
    mutating func decode(_ number: UInt32, _ reader: inout ProtobufReader) throws(ProtobufError) -> Bool
}

extension WireMessage {
    /// The encoded message.
    public func encoded() -> [UInt8] {
        var writer = ProtobufWriter()
        encode(to: &writer)
        return writer.bytes
    }

    /// The message in `bytes`.
    /// - Throws: ``ProtobufError`` where the bytes are no protobuf message or a field has the wrong wire type.
    public init(decoding bytes: [UInt8]) throws(ProtobufError) {
        self.init()
        var reader = ProtobufReader(bytes)
        try reader.fields(into: &self)
    }
}
