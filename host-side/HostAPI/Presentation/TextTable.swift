/// A table for a terminal: columns as wide as their widest cell, two spaces between, no trailing blanks.
public struct TextTable: Sendable {
    /// Where the cells of a column stand.
    public enum Alignment: Sendable {
        /// Words.
        case left
        /// Numbers.
        case right
    }

    private let titles: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// Makes a table with one line of titles.
    public init(_ columns: [(title: String, alignment: Alignment)]) {
        titles = columns.map(\.title)
        alignments = columns.map(\.alignment)
    }

    /// Adds a line; missing cells are empty.
    public mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    /// The lines; the titles first.
    public var lines: [String] {
        let all = [titles] + rows
        let widths = titles.indices.map { column in
            all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return all.map { cells in
            var line = ""
            for column in titles.indices {
                let cell = column < cells.count ? cells[column] : ""
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (alignments[column] == .right ? blanks + cell : cell + blanks)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// Lines of names and values, the values in one column.
    public static func pairs(_ pairs: [(name: String, value: String)], indent: Int = 0) -> [String] {
        let width = pairs.map(\.name.count).max() ?? 0
        let margin = String(repeating: " ", count: indent)
        return pairs.map { pair in
            margin + pair.name + ":" + String(repeating: " ", count: width - pair.name.count + 1) + pair.value
        }
    }
}
