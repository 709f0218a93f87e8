public import SystemPackage
public import Wire

/// The share of time in which tasks waited for memory: of the system, from `/proc/pressure/memory`, and of cgroups, from
/// their `memory.pressure`.
public enum PressureSensor {
    /// The pressure, not available where the kernel has no PSI or it is switched off.
    public static func read(_ roots: SensorRoots = SensorRoots()) -> PressureReport {
        read(file: systemFile(roots))
    }

    /// The pressure of a cgroup (version 2, which hybrid systems have beside version 1), by its path below the
    /// hierarchy's root; not available where there is none.
    public static func read(cgroup path: String, roots: SensorRoots = SensorRoots()) -> PressureReport {
        guard let file = file(ofCgroup: path, roots: roots) else { return PressureReport(available: false) }
        return read(file: file)
    }

    /// The totals of the system; nil where the kernel has no PSI or it is switched off.
    public static func totals(_ roots: SensorRoots = SensorRoots()) -> PressureTotals? {
        totals(read(roots))
    }

    /// The totals of a cgroup; nil where there are none.
    public static func totals(cgroup path: String, roots: SensorRoots = SensorRoots()) -> PressureTotals? {
        totals(read(cgroup: path, roots: roots))
    }

    /// The file of the system's pressure, for a trigger.
    public static func systemFile(_ roots: SensorRoots = SensorRoots()) -> FilePath {
        roots.proc.appending("pressure").appending("memory")
    }

    /// The file of a cgroup's pressure, for a trigger; nil where there is no version 2 hierarchy or the path leaves it.
    public static func file(ofCgroup path: String, roots: SensorRoots = SensorRoots()) -> FilePath? {
        guard let root = CgroupHierarchy.unified(roots), let names = CgroupHierarchy.components(path) else {
            return nil
        }
        return names.reduce(root) { $0.appending($1) }.appending("memory.pressure")
    }

    static func read(file: FilePath) -> PressureReport {
        guard let bytes = try? TextFile.read(file, limit: 1 << 12) else { return PressureReport(available: false) }
        return parse(bytes)
    }

    private static func totals(_ report: PressureReport) -> PressureTotals? {
        guard report.available, let some = report.some else { return nil }
        return PressureTotals(
            someMicroseconds: some.totalMicroseconds, fullMicroseconds: report.full?.totalMicroseconds ?? 0)
    }

    static func parse(_ bytes: [UInt8]) -> PressureReport {
        var report = PressureReport(available: false)
        for line in KernelText.lines(bytes) {
            let words = KernelText.words(line)
            guard let kind = words.first else { continue }
            if kind.elementsEqual("some".utf8) {
                report.some = stall(words.dropFirst())
                report.available = true
            } else if kind.elementsEqual("full".utf8) {
                report.full = stall(words.dropFirst())
            }
        }
        return report
    }

    private static func stall(_ words: ArraySlice<ArraySlice<UInt8>>) -> PressureReport.Stall {
        var stall = PressureReport.Stall()
        for word in words {
            guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = word[(equals + 1)...]
            switch KernelText.text(word[..<equals]) {
            case "avg10": stall.average10Seconds = hundredths(value)
            case "avg60": stall.average60Seconds = hundredths(value)
            case "avg300": stall.average300Seconds = hundredths(value)
            case "total": stall.totalMicroseconds = KernelText.number(value) ?? 0
            default: continue
            }
        }
        return stall
    }

    /// `12.34` as 1234, at most 10,000; 0 for anything else.
    private static func hundredths(_ text: ArraySlice<UInt8>) -> UInt32 {
        guard let point = text.firstIndex(of: UInt8(ascii: ".")), let whole = KernelText.number(text[..<point]) else {
            return 0
        }
        let rest = text[(point + 1)...]
        guard rest.count == 2, let part = KernelText.number(rest) else { return 0 }
        return UInt32(min(min(whole, 100) * 100 + part, 10_000))
    }
}
