/// The numbers of a file whose lines are a name and a number: `MemTotal:  16384 kB` or `oom_kill 3`.
struct NumberTable {
    private var values: [String: UInt64] = [:]

    /// Lines that are no such pair are skipped; of a name that occurs twice the first counts. Numbers with the unit kB
    /// are stored in bytes.
    /// - Parameter prefix: Dropped from the start of every line that has it.
    init(_ bytes: [UInt8], dropping prefix: String = "") {
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let rest = line.hasPrefix(prefix) ? line.dropFirst(prefix.count) : line
            let words = rest.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[1].utf8.first != 0x2B, let number = UInt64(words[1]) else { continue }
            var name = words[0]
            if name.last == ":" { name.removeLast() }
            let (scaled, overflow) = number.multipliedReportingOverflow(
                by: words.count > 2 && words[2] == "kB" ? 1024 : 1)
            guard !overflow, values[String(name)] == nil else { continue }
            values[String(name)] = scaled
        }
    }

    /// The number of this name; nil where the file has none.
    subscript(name: String) -> UInt64? { values[name] }
}
