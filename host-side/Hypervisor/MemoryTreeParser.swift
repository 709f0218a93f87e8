/// Reads the output of the human monitor's `info mtree -f`.
public enum MemoryTreeParser {
    /// The sections of the system's memory (address space "memory", root "system") that are memory, by address.
    /// I/O ranges are checked and left out.
    public static func parse(_ text: String) throws(MemoryTreeError) -> [RAMSection] {
        var found: [RAMSection]?
        for view in views(text) where view.contains(where: isSystem) {
            guard found == nil else { throw MemoryTreeError(code: .severalSystemViews, line: "") }
            found = try sections(view)
        }
        guard let found else { throw MemoryTreeError(code: .noSystemView, line: "") }
        return found
    }

    private static func views(_ text: String) -> [[Substring]] {
        var views: [[Substring]] = []
        // "\r\n" is one Character.
        for line in text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }) {
            if line.hasPrefix("FlatView #") {
                views.append([])
            } else if !views.isEmpty {
                views[views.count - 1].append(line)
            }
        }
        return views
    }

    private static func isSystem(_ line: Substring) -> Bool {
        line == " AS \"memory\", root: system"
    }

    private static func sections(_ view: [Substring]) throws(MemoryTreeError) -> [RAMSection] {
        var sections: [RAMSection] = []
        var last: UInt64?
        for line in view {
            if line.hasPrefix(" AS \"") { continue }
            if line.hasPrefix(" Root memory region: ") {
                guard line == " Root memory region: system" else {
                    throw MemoryTreeError(code: .unknownLine, line: String(line))
                }
                continue
            }
            var parser = LineParser(line)
            let entry = try parser.entry()
            guard entry.end >= entry.start else { throw MemoryTreeError(code: .badRange, line: String(line)) }
            if let last, entry.start <= last { throw MemoryTreeError(code: .overlap, line: String(line)) }
            last = entry.end
            guard let kind = entry.kind else { continue }
            let (length, wraps) = (entry.end - entry.start).addingReportingOverflow(1)
            guard !wraps, !entry.offset.addingReportingOverflow(length).overflow,
                !entry.start.addingReportingOverflow(length).overflow
            else { throw MemoryTreeError(code: .badRange, line: String(line)) }
            sections.append(
                RAMSection(
                    guestAddress: entry.start, length: length, backend: entry.name, offset: entry.offset, kind: kind,
                    line: String(line)))
        }
        return sections
    }
}

/// `  0000000000000000-000000000009ffff (prio 0, ram): mem0 @0000000000000000 KVM`. The offset is left out where it is
/// 0; the last word stands only where that accelerator has a slot for the range.
private struct LineParser {
    struct Entry {
        let start: UInt64
        let end: UInt64
        /// Nil for I/O.
        let kind: RAMSection.Kind?
        let name: String
        let offset: UInt64
    }

    private let line: Substring
    private var rest: Substring

    init(_ line: Substring) {
        self.line = line
        rest = line
    }

    mutating func entry() throws(MemoryTreeError) -> Entry {
        try take("  ")
        let start = try address()
        try take("-")
        let end = try address()
        try take(" (prio ")
        if rest.first == "-" { rest = rest.dropFirst() }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty else { throw unknown }
        rest = rest.dropFirst(digits.count)
        try take(", ")
        guard let close = rest.firstRange(of: "): ") else { throw unknown }
        let word = rest[..<close.lowerBound]
        rest = rest[close.upperBound...]
        let kind: RAMSection.Kind?
        switch word {
        case "ram": kind = .ram
        case "rom": kind = .rom
        case "i/o": kind = nil
        case "ramd", "romd", "nv-ram", "nv-ramd", "nv-rom", "nv-romd": kind = .other(String(word))
        default: throw unknown
        }
        // The names of I/O ranges may hold anything and matter to nobody.
        if kind == nil { return Entry(start: start, end: end, kind: nil, name: String(rest), offset: 0) }
        if rest.hasSuffix(" KVM") { rest = rest.dropLast(4) }
        var offset: UInt64 = 0
        if let at = rest.lastIndex(of: "@") {
            let name = rest[..<at]
            rest = rest[at...].dropFirst()
            offset = try address()
            guard rest.isEmpty, name.last == " " else { throw unknown }
            rest = name.dropLast()
        }
        guard !rest.isEmpty else { throw unknown }
        // A backend's id holds no blanks: more words in a RAM line are something this parser does not know.
        if kind == .ram, rest.contains(" ") { throw unknown }
        return Entry(start: start, end: end, kind: kind, name: String(rest), offset: offset)
    }

    private mutating func take(_ text: String) throws(MemoryTreeError) {
        guard rest.hasPrefix(text) else { throw unknown }
        rest = rest.dropFirst(text.count)
    }

    private mutating func address() throws(MemoryTreeError) -> UInt64 {
        let digits = rest.prefix(16)
        guard digits.count == 16, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
            let value = UInt64(digits, radix: 16)
        else { throw unknown }
        rest = rest.dropFirst(16)
        return value
    }

    private var unknown: MemoryTreeError { MemoryTreeError(code: .unknownLine, line: String(line)) }
}
