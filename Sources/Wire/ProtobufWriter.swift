/// Appends protobuf fields to a byte buffer.
public struct ProtobufWriter {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    /// A writer with nothing in it.
    public init() {}

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func tag(_ number: UInt32, _ wireType: UInt64) { varint(UInt64(number) << 3 | wireType) }

    mutating func always(_ number: UInt32, _ value: UInt64) {
        tag(number, 0)
        varint(value)
    }

    mutating func always(_ number: UInt32, _ value: Bool) { always(number, value ? 1 as UInt64 : 0) }

    mutating func always(_ number: UInt32, _ value: some WireEnum) {
        // Negative enum values travel as ten bytes, as in the reference implementation.
        always(number, UInt64(bitPattern: Int64(value.rawValue)))
    }

    mutating func field(_ number: UInt32, _ value: UInt64) {
        if value != 0 { always(number, value) }
    }

    mutating func field(_ number: UInt32, _ value: UInt32) { field(number, UInt64(value)) }

    mutating func field(_ number: UInt32, _ value: Bool) { field(number, value ? 1 as UInt64 : 0) }

    mutating func field(_ number: UInt32, _ value: some WireEnum) {
        if value.rawValue != 0 { always(number, value) }
    }

    mutating func field(_ number: UInt32, _ value: String) { field(number, Array(value.utf8)) }

    mutating func field(_ number: UInt32, _ value: [UInt8]) {
        if !value.isEmpty { delimited(number, value) }
    }

    mutating func packed(_ number: UInt32, _ values: [UInt64]) {
        if values.isEmpty { return }
        var inner = ProtobufWriter()
        inner.bytes.reserveCapacity(values.count * 4)
        for value in values { inner.varint(value) }
        delimited(number, inner.bytes)
    }

    mutating func packed(_ number: UInt32, _ values: [some WireEnum]) {
        packed(number, values.map { UInt64(bitPattern: Int64($0.rawValue)) })
    }

    mutating func message(_ number: UInt32, _ value: some WireMessage) { delimited(number, value.encoded()) }

    private mutating func delimited(_ number: UInt32, _ value: [UInt8]) {
        tag(number, 2)
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }
}
