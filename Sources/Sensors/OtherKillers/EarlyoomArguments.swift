import SystemPackage

/// What earlyoom was told (`earlyoom(1)`).
struct EarlyoomArguments: Sendable, Hashable {
    /// Of memory, in percent.
    var memoryPercent: Double?
    /// Of memory, in bytes.
    var memoryBytes: UInt64?
    /// Of swap, in percent.
    var swapPercent: Double?
    /// Of swap, in bytes.
    var swapBytes: UInt64?
    var source = "its arguments"

    /// What a running earlyoom was started with; where that cannot be read, what its service would be.
    static func read(_ arguments: [String], roots: SensorRoots) -> EarlyoomArguments {
        guard arguments.isEmpty else { return parse(Array(arguments.dropFirst())) }
        let file = "etc/default/earlyoom"
        guard let text = ConfigurationText.read(file, roots: roots) else {
            return EarlyoomArguments(source: "its defaults")
        }
        var parsed = EarlyoomArguments()
        for line in ConfigurationText.lines(text) where line.hasPrefix("EARLYOOM_ARGS=") {
            let value = ConfigurationText.unquoted(String(line.dropFirst(14)))
            parsed = parse(value.split { $0 == " " || $0 == "\t" }.map(String.init))
        }
        parsed.source = "/" + file
        return parsed
    }

    static func parse(_ arguments: [String]) -> EarlyoomArguments {
        var parsed = EarlyoomArguments()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument.hasPrefix("--") {
                if ["--prefer", "--avoid", "--ignore"].contains(argument) { _ = rest.popFirst() }
                continue
            }
            guard argument.hasPrefix("-") else { continue }
            var letters = argument.dropFirst()
            while let letter = letters.popFirst() {
                guard "msMSrNPw".contains(letter) else { continue }
                parsed.note(letter, letters.isEmpty ? rest.popFirst() ?? "" : String(letters))
                break
            }
        }
        return parsed
    }

    /// Of `TERM,KILL` the first counts: it acts there already.
    private mutating func note(_ letter: Character, _ value: String) {
        guard let first = value.split(separator: ",").first else { return }
        switch letter {
        case "m": memoryPercent = Double(first).flatMap { $0 > 0 && $0 <= 100 ? $0 : nil } ?? memoryPercent
        case "s": swapPercent = Double(first).flatMap { $0 >= 0 && $0 <= 100 ? $0 : nil } ?? swapPercent
        case "M": memoryBytes = UInt64(first)?.multiplied(1024) ?? memoryBytes
        case "S": swapBytes = UInt64(first)?.multiplied(1024) ?? swapBytes
        default: return
        }
    }

    /// It acts when memory and swap are both below their limits; of a size and a percentage the lower counts, and 10 %
    /// where there is neither. Since 1.8 percentages are of the memory that user space can have; all memory, taken
    /// here, is more and so the safe one. Without swap only memory counts.
    func rule(_ measures: KillerMeasures) -> KillerRule {
        func limit(_ percent: Double?, _ bytes: UInt64?, of total: UInt64) -> UInt64 {
            let share = (percent ?? 10) * 100
            let part = total.portion(wholeNumber(share), of: 10_000)
            guard let bytes else { return part }
            return percent == nil ? min(bytes, total) : min(bytes, part)
        }
        let memory = limit(memoryPercent, memoryBytes, of: measures.totalBytes)
        // Without swap it ignores a size of swap.
        let swap = limit(swapPercent, measures.swapTotalBytes > 0 ? swapBytes : nil, of: measures.swapTotalBytes)
        let ofSwap = measures.swapTotalBytes > 0 ? " and \(swap >> 20) MiB of swap free" : ""
        return KillerRule(
            kind: .earlyoom, availableBytes: memory, swapFreeBytes: measures.swapTotalBytes > 0 ? swap : nil,
            source: source, detail: "acts below \(memory >> 20) MiB available\(ofSwap)")
    }
}
