/// Why a memory map was not understood. It is refused then, never guessed.
public struct MemoryTreeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: Sendable, Equatable {
        /// There is no view of the system's memory.
        case noSystemView
        /// There is more than one.
        case severalSystemViews
        /// A line of a form that is not known.
        case unknownLine
        /// A range that ends before it begins, or wraps 2^64.
        case badRange
        /// Ranges overlap or are out of order.
        case overlap
    }

    /// What is wrong.
    public let code: Code
    /// The line concerned, empty where the whole text is.
    public let line: String

    /// One sentence.
    public var description: String {
        let cause =
            switch code {
            case .noSystemView: "QEMU's memory map has no view of the system's memory"
            case .severalSystemViews: "QEMU's memory map has several views of the system's memory"
            case .unknownLine: "QEMU's memory map has a line of an unknown form"
            case .badRange: "QEMU's memory map has an impossible range"
            case .overlap: "QEMU's memory map has overlapping ranges"
            }
        return line.isEmpty ? cause : "\(cause): \(line)"
    }
}
