import Governor
import Wire

/// Turns one entry into a value of the kind and range that its key wants.
struct ConfigurationReader {
    let table: String
    let entry: TOMLEntry
    let file: String

    /// Its name without the table.
    var key: String { entry.key }

    /// `table.key`.
    var name: String { "\(table).\(entry.key)" }

    /// For a key that passed the list of keys and has no reader.
    var unknown: ConfigurationError { fault("\(name) is not understood", expected: "a known key") }

    func fault(_ message: String, expected: String) -> ConfigurationError {
        ConfigurationError(.value, file: file, line: entry.line, message, expected: expected)
    }

    func wrongKind(_ expected: String) -> ConfigurationError {
        fault("\(entry.key) is \(entry.value.kind)", expected: expected)
    }

    func string(_ expected: String) throws(ConfigurationError) -> String {
        guard case .string(let text) = entry.value else { throw wrongKind(expected) }
        return text
    }

    /// A value in quotes for messages, on one line and not too long.
    func quoted(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars.prefix(80) {
            if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar == "\u{2028}"
                || scalar == "\u{2029}"
            {
                shown += "?"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return "\"\(shown)\(text.unicodeScalars.count > 80 ? "..." : "")\""
    }

    func boolean() throws(ConfigurationError) -> Bool {
        guard case .boolean(let value) = entry.value else { throw wrongKind("true or false") }
        return value
    }

    func integer(_ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
        guard case .integer(let value) = entry.value else { throw wrongKind(expected) }
        guard let number = Int(exactly: value), range.contains(number) else {
            throw fault("\(entry.key) is \(value)", expected: expected)
        }
        return number
    }

    func choice<Value>(_ choices: [(String, Value)]) throws(ConfigurationError) -> Value {
        let expected = Self.alternatives(choices.map(\.0))
        let text = try string(expected)
        guard let match = choices.first(where: { $0.0 == text }) else {
            throw fault("\(entry.key) is \(quoted(text))", expected: expected)
        }
        return match.1
    }

    /// `"a", "b" or "c"`.
    static func alternatives(_ texts: [String]) -> String {
        let names = texts.map { "\"\($0)\"" }
        return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
    }

    /// A list without repetition that is not empty.
    func choices<Value>(_ choices: [(String, Value)]) throws(ConfigurationError) -> [Value] {
        let expected = "an array of " + Self.alternatives(choices.map(\.0))
        guard case .strings(let texts) = entry.value else { throw wrongKind(expected) }
        guard !texts.isEmpty else { throw fault("\(entry.key) is empty", expected: expected) }
        var values: [Value] = []
        for (index, text) in texts.enumerated() {
            guard let match = choices.first(where: { $0.0 == text }) else {
                throw fault("\(entry.key) has \(quoted(text))", expected: expected)
            }
            guard !texts[..<index].contains(text) else {
                throw fault("\(entry.key) has \(quoted(text)) twice", expected: expected)
            }
            values.append(match.1)
        }
        return values
    }

    // MARK: Quantities

    func size(
        _ range: ClosedRange<UInt64>, multipleOf step: UInt64 = 1, example: String
    ) throws(ConfigurationError) -> UInt64 {
        let steps = step > 1 ? ", a multiple of \(ByteSize.exact(step))" : ""
        let expected =
            "a size from \(ByteSize.exact(range.lowerBound)) to \(ByteSize.exact(range.upperBound))\(steps), "
            + "such as \"\(example)\""
        let text = try string(expected)
        guard let bytes = ByteSize.parse(text), range.contains(bytes), bytes % step == 0 else {
            throw fault("\(entry.key) is \(quoted(text))", expected: expected)
        }
        return bytes
    }

    func sizeOrAuto(_ range: ClosedRange<UInt64>, example: String) throws(ConfigurationError) -> UInt64? {
        if case .string("auto") = entry.value { return nil }
        do {
            return try size(range, example: example)
        } catch {
            throw fault(error.message, expected: "\"auto\" or \(error.expected)")
        }
    }

    func duration(
        _ range: ClosedRange<UInt64>, orZero: Bool, wholeUnit unit: UInt64 = 1, example: String
    ) throws(ConfigurationError) -> UInt64 {
        let expected =
            "\(orZero ? "\"0s\" or " : "")a duration from \(DurationText.exact(range.lowerBound)) to "
            + "\(DurationText.exact(range.upperBound)), such as \"\(example)\""
        let text = try string(expected)
        guard let time = DurationText.parse(text), range.contains(time) || (orZero && time == 0), time % unit == 0
        else { throw fault("\(entry.key) is \(quoted(text))", expected: expected) }
        return time
    }

    /// A duration in whole milliseconds, as the wire carries it.
    func milliseconds(_ range: ClosedRange<UInt64>, example: String) throws(ConfigurationError) -> UInt64 {
        try duration(range, orZero: false, wholeUnit: DurationText.millisecond, example: example)
    }

    /// A fixed period, or nil for `"adaptive"`.
    func statsPeriod(_ range: ClosedRange<UInt64>) throws(ConfigurationError) -> UInt64? {
        if case .string("adaptive") = entry.value { return nil }
        do {
            return try duration(range, orZero: true, wholeUnit: DurationText.millisecond, example: "10s")
        } catch {
            throw fault(error.message, expected: "\"adaptive\", \(error.expected)")
        }
    }

    /// A share in hundredths of a percent.
    func percent(_ range: ClosedRange<UInt32>, example: String) throws(ConfigurationError) -> UInt32 {
        let expected =
            "a share from \(Percent.exact(range.lowerBound)) to \(Percent.exact(range.upperBound)), such as "
            + "\"\(example)\""
        let text = try string(expected)
        guard let share = Percent.parse(text), range.contains(share) else {
            throw fault("\(entry.key) is \(quoted(text))", expected: expected)
        }
        return share
    }
}
