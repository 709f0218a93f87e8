/// As much of YAML and JSON as the kubelet's configuration needs: a scalar, or a map of scalars, under a key of the top
/// level. Anything else is passed over.
enum FlatYAML {
    /// The map under a key, in block style or in braces; nil where there is no such key.
    static func map(_ key: String, in text: String) -> [String: String]? {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            guard let rest = value(of: key, in: line) else { continue }
            if rest.hasPrefix("{") { return braces(rest, lines[(index + 1)...]) }
            guard rest.isEmpty else { return [:] }
            return block(lines[(index + 1)...], deeperThan: indent(line))
        }
        return nil
    }

    /// The scalar after a key; nil where there is no such key.
    static func scalar(_ key: String, in text: String) -> String? {
        for line in text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            if let rest = value(of: key, in: line) { return plain(rest) }
        }
        return nil
    }

    private static func block(_ lines: ArraySlice<Substring>, deeperThan indent: Int) -> [String: String] {
        var map: [String: String] = [:]
        for line in lines {
            let bare = withoutComment(line)
            if bare.isEmpty { continue }
            guard self.indent(line) > indent else { break }
            if let (name, value) = pair(bare[...]) { map[name] = value }
        }
        return map
    }

    private static func braces(_ first: String, _ more: ArraySlice<Substring>) -> [String: String] {
        var inside = first.dropFirst()
        var map: [String: String] = [:]
        var rest = more
        while true {
            let end = inside.firstIndex(of: "}")
            for part in inside[..<(end ?? inside.endIndex)].split(separator: ",") {
                if let (name, value) = pair(part) { map[name] = value }
            }
            guard end == nil, let next = rest.popFirst() else { return map }
            inside = next
        }
    }

    private static func pair(_ text: Substring) -> (String, String)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let name = ConfigurationText.unquoted(text[..<colon].trimmed)
        let value = plain(text[text.index(after: colon)...].trimmed)
        return name.isEmpty || value.isEmpty ? nil : (name, value)
    }

    /// What follows `key:`, without blanks and comments; nil for another line.
    private static func value(of key: String, in line: Substring) -> String? {
        let bare = withoutComment(line)
        for form in [key, "\"\(key)\"", "'\(key)'"] where bare.hasPrefix(form) {
            let rest = bare.dropFirst(form.count).trimmed
            if rest.hasPrefix(":") { return rest.dropFirst().trimmed }
        }
        return nil
    }

    private static func plain(_ text: String) -> String {
        ConfigurationText.unquoted((text.hasSuffix(",") ? text.dropLast() : text[...]).trimmed)
    }

    private static func withoutComment(_ line: Substring) -> String {
        let text = line.trimmed
        if text.hasPrefix("#") { return "" }
        var previous: Character = "x"
        for index in text.indices {
            if text[index] == "#", previous == " " || previous == "\t" { return text[..<index].trimmed }
            previous = text[index]
        }
        return text
    }

    private static func indent(_ line: Substring) -> Int {
        line.prefix { $0 == " " || $0 == "\t" }.count
    }
}
