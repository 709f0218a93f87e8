/// Where in a policy file a key stands. The TOML parser tells lines only of syntax errors; this looks for the
/// `[host]` and `[[vm]]` headers and the keys below them, which is how the file is written.
struct PolicyLines: Sendable {
    private var headers: [PolicySection: Int] = [:]
    private var keys: [PolicySection: [String: Int]] = [:]

    init(_ text: String) {
        var section = PolicySection.top
        var vmCount = 0
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if trimmed.hasPrefix("[") {
                let name = trimmed.prefix { $0 != "#" }.filter { !" \t[]\"'\r".contains($0) }
                if trimmed.hasPrefix("[["), name == "vm" {
                    section = .vm(vmCount)
                    vmCount += 1
                } else {
                    section = name == "host" ? .host : .top
                    keys[.top, default: [:]][String(name)] = keys[.top]?[String(name)] ?? index + 1
                }
                headers[section] = headers[section] ?? index + 1
            } else if let equals = trimmed.firstIndex(of: "="), !trimmed.hasPrefix("#") {
                let key = String(trimmed[..<equals].filter { !" \t\"'".contains($0) })
                keys[section, default: [:]][key] = keys[section]?[key] ?? index + 1
            }
        }
    }

    /// Line of a key, else of the header of its section.
    func line(_ section: PolicySection, _ key: String?) -> Int? {
        if let key, let line = keys[section]?[key] { return line }
        return headers[section]
    }
}

/// A part of the policy file.
enum PolicySection: Hashable, Sendable {
    case top
    case host
    /// The n-th `[[vm]]`, from 0.
    case vm(Int)
}
