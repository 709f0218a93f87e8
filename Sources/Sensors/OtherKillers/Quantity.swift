/// Amounts of memory as Kubernetes writes them.
enum Quantity {
    private static let units: [String: Double] = [
        "": 1, "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776, "k": 1e3, "M": 1e6, "G": 1e9,
        "T": 1e12, "m": 1e-3,
    ]

    /// `100Mi`, `1.5Gi`, `500M`, `1e9` or `5%` in bytes; nil for anything else.
    /// - Parameter total: what a percentage is of, in bytes.
    static func bytes(_ text: String, of total: UInt64) -> UInt64? {
        let text = ConfigurationText.unquoted(text.trimmed)
        if text.hasSuffix("%") {
            return ConfigurationText.share(text).map { total.portion($0, of: 10_000) }
        }
        let unit = String(text.suffix(2).drop { !$0.isASCII || $0.isNumber || $0 == "." })
        for candidate in [unit, String(unit.suffix(1)), ""] {
            guard let scale = units[candidate], text.hasSuffix(candidate),
                let value = Double(text.dropLast(candidate.count)), value >= 0, value.isFinite
            else { continue }
            return wholeNumber(value * scale)
        }
        return nil
    }
}
