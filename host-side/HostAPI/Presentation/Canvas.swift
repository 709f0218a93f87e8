/// What a drawing may use.
public struct Canvas: Sendable, Equatable {
    /// Characters on a line, 40 or more.
    public let columns: Int
    /// Whether block characters are understood; else plain ASCII is used.
    public let blocks: Bool

    /// Makes a canvas; less than 40 columns, as a terminal that does not know its size tells, count as 80.
    public init(columns: Int = 80, blocks: Bool = false) {
        self.columns = columns < 40 ? 80 : min(columns, 400)
        self.blocks = blocks
    }

    /// A bar of `value` where `most` takes `width` characters. What is not 0 is seen.
    public func bar(_ value: UInt64, of most: UInt64, width: Int) -> String {
        guard value > 0, most > 0, width > 0 else { return "" }
        let parts = blocks ? 8 : 1
        let share = min(1, Double(value) / Double(most))
        let filled = Int((share * Double(width * parts)).rounded())
        guard blocks else { return filled == 0 ? "." : String(repeating: "#", count: filled) }
        let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: max(1, filled) / 8) + eighths[max(1, filled) % 8]
    }
}
