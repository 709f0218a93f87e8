/// A ring that breaks the rules. The device stops using it until the driver sets it up anew.
public struct QueueError: Error, Equatable, CustomStringConvertible {
    /// Which rule.
    public enum Code: Sendable, Equatable {
        /// The ring itself is not in RAM.
        case ringOutsideMemory
        /// More buffers are said to be available than the ring has room for.
        case availableIndex
        /// A descriptor's number is beyond its table.
        case descriptorNumber
        /// A chain is longer than allowed, which a loop is too.
        case chainTooLong
        /// An indirect table of a wrong size, inside another, without the feature, or with a successor.
        case indirectTable
        /// A buffer for reading comes after one for writing.
        case order
        /// A buffer is not in RAM.
        case bufferOutsideMemory
    }

    /// The broken rule.
    public let code: Code
    /// The offending number or guest address.
    public let value: UInt64

    /// A violation with the number or address that shows it.
    public init(_ code: Code, _ value: some BinaryInteger) {
        self.code = code
        self.value = UInt64(truncatingIfNeeded: value)
    }

    /// The rule and the number.
    public var description: String { "\(code) (0x\(String(value, radix: 16)))" }
}
