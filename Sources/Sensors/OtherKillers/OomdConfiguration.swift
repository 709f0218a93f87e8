import SystemPackage

/// Settings of systemd-oomd (`oomd.conf(5)`).
struct OomdConfiguration: Sendable, Hashable {
    /// SwapUsedLimit, in hundredths of a percent.
    var swapUsedLimit: UInt64 = 9000
    /// The lowest limit of pressure of any unit that is told here, in hundredths of a percent.
    var pressureLimit: UInt64 = 6000
    /// DefaultMemoryPressureDurationSec, in milliseconds.
    var pressureMilliseconds: UInt64 = 30_000
    /// Units whose settings let it act on them, as far as drop-ins of slices tell.
    var units: [String] = []
    var source = "its defaults"

    private static let folders = ["etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd"]
    /// Where distributions switch it on.
    private static let dropIns = [
        "-.slice.d", "system.slice.d", "user.slice.d", "user-.slice.d", "user@.service.d", "machine.slice.d", "slice.d",
        "scope.d", "service.d",
    ]

    /// The first main file found, then the drop-ins of all folders by name; of equal names the first folder's counts.
    static func read(_ roots: SensorRoots) -> OomdConfiguration {
        var configuration = OomdConfiguration()
        for folder in folders {
            guard let text = ConfigurationText.read("\(folder)/oomd.conf", roots: roots) else { continue }
            configuration.note(text, "/\(folder)/oomd.conf")
            break
        }
        for (name, folder) in files(folders.map { "\($0)/oomd.conf.d" }, roots) {
            guard let text = ConfigurationText.read("\(folder)/\(name)", roots: roots) else { continue }
            configuration.note(text, "/\(folder)/\(name)")
        }
        for unit in dropIns {
            for (name, folder) in files(folders.map { "\($0)/system/\(unit)" }, roots) {
                guard let text = ConfigurationText.read("\(folder)/\(name)", roots: roots) else { continue }
                configuration.note(text, unit: String(unit.dropLast(2)))
            }
        }
        return configuration
    }

    private static func files(_ folders: [String], _ roots: SensorRoots) -> [(name: String, folder: String)] {
        var found: [String: String] = [:]
        for folder in folders {
            for name in ConfigurationText.names(in: folder, ending: ".conf", roots: roots) where found[name] == nil {
                found[name] = folder
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private mutating func note(_ text: String, _ file: String) {
        for (key, value) in Self.assignments(text, section: "[OOM]") {
            switch key {
            case "SwapUsedLimit", "SwapUsedLimitPercent":
                swapUsedLimit = value.isEmpty ? 9000 : ConfigurationText.share(value) ?? swapUsedLimit
            case "DefaultMemoryPressureLimit", "DefaultMemoryPressureLimitPercent":
                pressureLimit = value.isEmpty ? 6000 : ConfigurationText.share(value) ?? pressureLimit
            case "DefaultMemoryPressureDurationSec":
                let milliseconds = TimeSpan.milliseconds(value)
                pressureMilliseconds = value.isEmpty ? 30_000 : milliseconds ?? pressureMilliseconds
            default: continue
            }
            source = file
        }
    }

    private mutating func note(_ text: String, unit: String) {
        for (key, value) in Self.assignments(text, section: nil) {
            switch key {
            case "ManagedOOMSwap" where value == "kill", "ManagedOOMMemoryPressure" where value == "kill":
                if !units.contains(unit) { units.append(unit) }
            case "ManagedOOMMemoryPressureLimit":
                if let limit = ConfigurationText.share(value), limit > 0 { pressureLimit = min(pressureLimit, limit) }
            default: continue
            }
        }
    }

    private static func assignments(_ text: String, section wanted: String?) -> [(key: String, value: String)] {
        var section = ""
        return ConfigurationText.lines(text).compactMap { line in
            if line.hasPrefix("[") {
                section = line
                return nil
            }
            guard wanted == nil || section == wanted, let equals = line.firstIndex(of: "=") else { return nil }
            return (line[..<equals].trimmed, line[line.index(after: equals)...].trimmed)
        }
    }

    /// It ends what uses most swap when both memory and swap in use are above the limit, and never without swap.
    func rule(_ measures: KillerMeasures) -> KillerRule {
        let rest = UInt64(10_000).less(swapUsedLimit)
        let hasSwap = measures.swapTotalBytes > 0
        let used = swapUsedLimit / 100
        let seconds = pressureMilliseconds / 1000
        return KillerRule(
            kind: .systemdOomd,
            availableBytes: hasSwap ? measures.totalBytes.portion(rest, of: 10_000) : nil,
            swapFreeBytes: hasSwap ? measures.swapTotalBytes.portion(rest, of: 10_000) : nil,
            pressure: KillerRule.Pressure(
                limit: UInt32(clamping: pressureLimit), milliseconds: pressureMilliseconds),
            source: source,
            detail: (hasSwap ? "acts when \(used) % of memory and of swap are used, and " : "without swap acts only ")
                + "after \(seconds) s of more than \(pressureLimit / 100) % pressure, on "
                + (units.isEmpty ? "units of its own choosing" : units.joined(separator: ", ")))
    }
}
