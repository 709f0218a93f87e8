import SystemPackage

/// When the kubelet evicts for want of memory (its configuration file, `KubeletConfiguration` of
/// `kubelet.config.k8s.io/v1beta1`, and its arguments, which count more).
struct KubeletConfiguration: Sendable, Hashable {
    /// `memory.available` of evictionHard as it is written; nil where there is none.
    var hard: String? = "100Mi"
    /// `memory.available` of evictionSoft as it is written; nil where there is none.
    var soft: String?
    /// Its grace period as it is written.
    var grace: String?
    var source = "its defaults"

    private static let signal = "memory.available"

    static func read(process: String, arguments: [String], roots: SensorRoots) -> KubeletConfiguration {
        var configuration = KubeletConfiguration()
        let options = options(arguments)
        var files = [options["config"] ?? "/var/lib/kubelet/config.yaml"]
        if let folder = options["config-dir"] {
            files += ConfigurationText.names(in: folder, ending: ".conf", roots: roots).map { "\(folder)/\($0)" }
        }
        for file in files {
            if let text = ConfigurationText.read(file, roots: roots) { configuration.note(file: text, file) }
        }
        if process.hasPrefix("k3s") {
            let main = "/etc/rancher/k3s/config.yaml"
            let more = ConfigurationText.names(in: main + ".d", ending: ".yaml", roots: roots)
            for file in [main] + more.map({ "\(main).d/\($0)" }) {
                guard let text = ConfigurationText.read(file, roots: roots) else { continue }
                configuration.note(options: listed(text), file)
            }
        }
        configuration.note(options: options, "its arguments")
        return configuration
    }

    /// `--name=value`, `--name value` and, inside k3s, `--kubelet-arg=name=value`.
    private static func options(_ arguments: [String]) -> [String: String] {
        var options: [String: String] = [:]
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else { continue }
            var (name, value) = split(argument.dropFirst(2), at: "=") ?? (String(argument.dropFirst(2)), "")
            if value.isEmpty, let next = rest.first, !next.hasPrefix("-") {
                value = next
                rest = rest.dropFirst()
            }
            if name == "kubelet-arg" { (name, value) = split(value[...], at: "=") ?? (value, "") }
            options[name] = ConfigurationText.unquoted(value)
        }
        return options
    }

    /// `- eviction-hard=...` in a list of k3s.
    private static func listed(_ text: String) -> [String: String] {
        var options: [String: String] = [:]
        for line in ConfigurationText.lines(text) {
            var item = line.drop { $0 == "-" || $0 == " " }.trimmed
            if let colon = item.range(ofText: "kubelet-arg:") { item = item[colon...].trimmed }
            guard let (name, value) = split(ConfigurationText.unquoted(item)[...], at: "=") else { continue }
            options[name] = value
        }
        return options
    }

    private mutating func note(options: [String: String], _ origin: String) {
        func limit(_ name: String, _ sign: Character) -> (known: Bool, value: String?) {
            guard let list = options[name] else { return (false, nil) }
            let pairs = list.split(separator: ",").compactMap { Self.split($0, at: sign) }
            return (true, pairs.first { $0.0 == Self.signal }?.1)
        }
        for (name, sign, path) in [
            ("eviction-hard", "<", \Self.hard), ("eviction-soft", "<", \Self.soft),
            ("eviction-soft-grace-period", "=", \Self.grace),
        ] as [(String, Character, WritableKeyPath<Self, String?>)] {
            let found = limit(name, sign)
            guard found.known else { continue }
            self[keyPath: path] = found.value
            source = origin
        }
    }

    private mutating func note(file text: String, _ origin: String) {
        if let limits = FlatYAML.map("evictionHard", in: text) {
            let merges = FlatYAML.scalar("mergeDefaultEvictionSettings", in: text) == "true"
            hard = limits[Self.signal] ?? (merges ? "100Mi" : nil)
            source = origin
        }
        if let limits = FlatYAML.map("evictionSoft", in: text) {
            soft = limits[Self.signal]
            source = origin
        }
        if let periods = FlatYAML.map("evictionSoftGracePeriod", in: text) { grace = periods[Self.signal] }
    }

    private static func split(_ text: Substring, at sign: Character) -> (String, String)? {
        guard let index = text.firstIndex(of: sign) else { return nil }
        return (text[..<index].trimmed, text[text.index(after: index)...].trimmed)
    }

    func rule(_ measures: KillerMeasures) -> KillerRule {
        func bytes(_ text: String?) -> UInt64? { text.flatMap { Quantity.bytes($0, of: measures.totalBytes) } }
        let limits = [bytes(hard), bytes(soft)].compactMap { $0 }
        var parts: [String] = []
        if let hard, bytes(hard) != nil { parts.append("evicts below \(hard) available at once") }
        if let soft, bytes(soft) != nil { parts.append("below \(soft) after \(grace ?? "a grace period")") }
        return KillerRule(
            kind: .kubelet, availableBytes: limits.max().flatMap { $0 > 0 ? $0 : nil }, source: source,
            detail: parts.isEmpty
                ? "has no limit of memory" : parts.joined(separator: ", ") + " (page cache in use counts as used)")
    }
}

extension String {
    /// Where a text that this one contains ends; nil where it is not in here.
    fileprivate func range(ofText text: String) -> String.Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
