/// The numbers of a file whose lines are a name and a number: `MemTotal:  16384 kB` or `oom_kill 3`.
///
/// Names are kept as 64-bit hashes: a string for each of vmstat's 190 lines cost more than all else of a report.
struct NumberTable {
    private var values: [UInt64: UInt64]

    /// Lines that are no such pair are skipped; of a name that occurs twice the first counts. Numbers with the unit kB
    /// are stored in bytes.
    /// - Parameter prefix: Dropped from the start of every line that has it.
    init(_ bytes: [UInt8], dropping prefix: String = "") {
        values = Dictionary(minimumCapacity: min(bytes.count / 24, 4096))
        let start = Array(prefix.utf8)
        var index = 0
        while index < bytes.count {
            let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            if end - index > start.count, bytes[index..<(index + start.count)].elementsEqual(start) {
                index += start.count
            }
            let name = Self.word(bytes, from: index, to: end)
            let digits = Self.word(bytes, from: name.upperBound, to: end)
            if !name.isEmpty, let number = KernelText.number(bytes[digits]) {
                let unit = Self.word(bytes, from: digits.upperBound, to: end)
                let isKilobytes = bytes[unit].elementsEqual("kB".utf8)
                let (scaled, overflow) = number.multipliedReportingOverflow(by: isKilobytes ? 1024 : 1)
                let bare = bytes[name.upperBound - 1] == UInt8(ascii: ":") ? name.dropLast() : name
                if !overflow {
                    let key = Self.hash(bytes[bare])
                    if values[key] == nil { values[key] = scaled }
                }
            }
            index = end + 1
        }
    }

    /// The number of this name; nil where the file has none.
    subscript(name: String) -> UInt64? { values[Self.hash(name.utf8)] }

    /// What is counted under this name and, for some counters of some kernels, under it for each zone; 0 where there is
    /// nothing. Other names that begin alike (`pgscan_direct_throttle`) are other things.
    func sum(_ name: String) -> UInt64 {
        ["_dma", "_dma32", "_normal", "_movable", "_device"].reduce(self[name] ?? 0) { sum, zone in
            sum.adding(self[name + zone] ?? 0)
        }
    }

    /// The next word between blanks and tabs; empty at the end.
    private static func word(_ bytes: [UInt8], from start: Int, to end: Int) -> Range<Int> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var first = start
        while first < end, isBlank(bytes[first]) { first += 1 }
        var last = first
        while last < end, !isBlank(bytes[last]) { last += 1 }
        return first..<last
    }

    /// FNV-1a.
    private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
