extension Span<UInt8> {
    /// The integer whose lowest byte is at `offset`. All of its bytes have to be there.
    func littleEndian<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type = Value.self) -> Value {
        var value: Value = 0
        for index in 0..<Value.bitWidth / 8 {
            value |= Value(truncatingIfNeeded: self[offset + index]) << (8 * index)
        }
        return value
    }
}

extension [UInt8] {
    /// Appends an integer, its lowest byte first.
    mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
        for index in 0..<Value.bitWidth / 8 { append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}
