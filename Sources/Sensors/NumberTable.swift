/// The numbers of a file whose lines are a name and a number: `MemTotal:  16384 kB` or `oom_kill 3`.
struct NumberTable {
    private var values: [String: UInt64] = [:]

    /// Lines that are no such pair are skipped; of a name that occurs twice the first counts. Numbers with the unit kB
    /// are stored in bytes.
    /// - Parameter prefix: Dropped from the start of every line that has it.
    init(_ bytes: [UInt8], dropping prefix: String = "") {
        let start = Array(prefix.utf8)
        for line in KernelText.lines(bytes) {
            let words = KernelText.words(line.starts(with: start) ? line.dropFirst(start.count) : line)
            guard words.count >= 2, let number = KernelText.number(words[1]) else { continue }
            let name = KernelText.text(words[0].last == UInt8(ascii: ":") ? words[0].dropLast() : words[0])
            let isKilobytes = words.count > 2 && words[2].elementsEqual("kB".utf8)
            let (scaled, overflow) = number.multipliedReportingOverflow(by: isKilobytes ? 1024 : 1)
            guard !overflow, values[name] == nil else { continue }
            values[name] = scaled
        }
    }

    /// The number of this name; nil where the file has none.
    subscript(name: String) -> UInt64? { values[name] }

    /// What is counted under this name and, for some counters of some kernels, under it for each zone; 0 where there is
    /// nothing. Other names that begin alike (`pgscan_direct_throttle`) are other things.
    func sum(_ name: String) -> UInt64 {
        ["_dma", "_dma32", "_normal", "_movable", "_device"].reduce(values[name] ?? 0) { sum, zone in
            sum.adding(values[name + zone] ?? 0)
        }
    }
}
