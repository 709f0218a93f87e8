/// Why bytes are not a message of the schema.
public enum ProtobufError: Error, Sendable, Hashable {
    /// The bytes end inside a field.
    case truncated
    /// A number has more than ten bytes.
    case overlongNumber
    /// Field number 0 or above 2^29 - 1, or wire type 6 or 7.
    case badTag
    /// The field's wire type is not the schema's.
    case wrongWireType(field: UInt32)
    /// A string is not UTF-8.
    case badString
    /// Groups are nested too deeply, or end without a start.
    case badGroup
}
