/// `ballastctl guest VM workingset`: a histogram of memory by the time since it was last used.
public enum WorkingSetText {
    /// A kind of memory, which has a column of its own.
    private struct Kind {
        let title: String
        let bytes: (GuestIdleBucket) -> UInt64
    }

    private static let narrowestBar = 4
    private static let widestBar = 40

    /// The lines for people.
    public static func lines(_ set: GuestWorkingSet, on canvas: Canvas) -> [String] {
        guard let method = set.method else {
            let why = set.detail.isEmpty ? "the agent does not say why" : Terminal.clean(set.detail)
            return ["Nothing measures the working set of this guest: \(why)"]
        }
        let seen = set.buckets.reduce(0 as UInt64) { $0.saturatingSum(all($1)) }
        var pairs: [(name: String, value: String)] = [
            (
                "Working set",
                "\(ByteSize.format(set.workingSetBytes)) used within \(PeriodText.span(set.windowMilliseconds)), of "
                    + "\(ByteSize.format(seen)) that the method sees"
            ),
            ("Method", method),
            ("Confidence", (set.confidence ?? "not told") + (set.detail.isEmpty ? "" : " (\(set.detail))")),
            (
                "Measured",
                "\(PeriodText.span(set.ageMilliseconds)) ago, for \(cost(set.costMicroseconds)) of processor time"
            ),
        ]
        for index in pairs.indices { pairs[index].value = Terminal.clean(pairs[index].value) }
        return TextTable.pairs(pairs) + histogram(set.buckets, on: canvas)
    }

    private static func cost(_ microseconds: UInt64) -> String {
        microseconds < 1000 ? "\(microseconds) µs" : PeriodText.span(microseconds / 1000)
    }

    private static func all(_ bucket: GuestIdleBucket) -> UInt64 {
        bucket.anonymousBytes.saturatingSum(bucket.fileBytes).saturatingSum(bucket.unknownBytes)
    }

    private static func histogram(_ buckets: [GuestIdleBucket], on canvas: Canvas) -> [String] {
        if buckets.isEmpty { return [] }
        let every = [
            Kind(title: "ANONYMOUS") { $0.anonymousBytes }, Kind(title: "FILE") { $0.fileBytes },
            Kind(title: "ANONYMOUS OR FILE") { $0.unknownBytes },
        ]
        let used = every.filter { kind in buckets.contains { kind.bytes($0) > 0 } }
        let kinds = used.isEmpty ? Array(every.prefix(2)) : used
        let most = kinds.flatMap { kind in buckets.map(kind.bytes) }.max() ?? 0
        let nodes = Set(buckets.map(\.node)).sorted()
        // As wide as the line allows beside the words; all bars have one scale, so that they can be compared.
        let words = buckets.map { age($0).count }.max() ?? 0
        let numbers = kinds.map { kind in buckets.map { ByteSize.format(kind.bytes($0)).count }.max() ?? 0 }
        let room = canvas.columns - max(words, 10) - numbers.reduce(0, +) - kinds.count * 4
        let width = max(narrowestBar, min(widestBar, room / kinds.count))
        return nodes.flatMap { node in
            var table = TextTable(
                [("UNUSED FOR", .right)] + kinds.flatMap { [($0.title, .right), ("", .left)] })
            for bucket in buckets where bucket.node == node {
                table.add(
                    [age(bucket)]
                        + kinds.flatMap { kind in
                            let bytes = kind.bytes(bucket)
                            return [ByteSize.format(bytes), canvas.bar(bytes, of: most, width: width)]
                        })
            }
            return (nodes.count > 1 ? ["", "Node \(node)"] : [""]) + table.lines
        }
    }

    /// The span of time since the last use: `< 10 s`, `10 s - 1 min`, `>= 5 min`.
    static func age(_ bucket: GuestIdleBucket) -> String {
        let low = PeriodText.span(bucket.minimumIdleMilliseconds)
        guard let high = bucket.maximumIdleMilliseconds else { return ">= \(low)" }
        return bucket.minimumIdleMilliseconds == 0 ? "< \(PeriodText.span(high))" : "\(low) - \(PeriodText.span(high))"
    }
}

extension UInt64 {
    /// The sum, or the largest number where it does not fit.
    func saturatingSum(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
