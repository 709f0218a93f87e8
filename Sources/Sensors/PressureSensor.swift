import SystemPackage
public import Wire

/// `/proc/pressure/memory`: the share of time in which tasks waited for memory.
public enum PressureSensor {
    /// The pressure, not available where the kernel has no PSI or it is switched off.
    public static func read(_ roots: SensorRoots = SensorRoots()) -> PressureReport {
        guard let bytes = try? TextFile.read(roots.proc.appending("pressure").appending("memory")) else {
            return PressureReport(available: false)
        }
        return parse(bytes)
    }

    static func parse(_ bytes: [UInt8]) -> PressureReport {
        var report = PressureReport(available: false)
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            switch words.first {
            case "some":
                report.some = stall(words.dropFirst())
                report.available = true
            case "full": report.full = stall(words.dropFirst())
            default: continue
            }
        }
        return report
    }

    private static func stall(_ words: ArraySlice<Substring>) -> PressureReport.Stall {
        var stall = PressureReport.Stall()
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "avg10": stall.average10Seconds = hundredths(parts[1])
            case "avg60": stall.average60Seconds = hundredths(parts[1])
            case "avg300": stall.average300Seconds = hundredths(parts[1])
            case "total": stall.totalMicroseconds = UInt64(parts[1]) ?? 0
            default: continue
            }
        }
        return stall
    }

    /// `12.34` as 1234, at most 10,000; 0 for anything else.
    private static func hundredths(_ text: Substring) -> UInt32 {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, let whole = UInt32(parts[0]), let part = UInt32(parts[1])
        else { return 0 }
        return min(min(whole, 100) * 100 + part, 10_000)
    }
}
