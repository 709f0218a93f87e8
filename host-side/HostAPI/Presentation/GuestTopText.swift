/// `ballastctl guest VM top`: who uses the memory.
public enum GuestTopText {
    /// The lines for people.
    public static func lines(_ top: GuestTop) -> [String] {
        consumers(top) + top.leaks.map(line)
    }

    private static func consumers(_ top: GuestTop) -> [String] {
        guard top.cgroupVersion != nil else { return ["The guest has no memory controller: nobody can be told apart."] }
        if top.consumers.isEmpty { return ["No cgroup of the guest uses memory."] }
        var table = TextTable([
            ("CGROUP", .left), ("MEMORY", .right), ("ANON", .right), ("FILE", .right), ("SHMEM", .right),
            ("KERNEL", .right), ("SWAP", .right), ("LIMIT", .right), ("STALLED", .right), ("OOM KILLS", .right),
            ("GROWTH", .right),
        ])
        for consumer in top.consumers {
            let pressure = consumer.pressure.flatMap { $0.available ? $0.some.avg10Percent : nil }
            table.add([
                Terminal.clean(consumer.cgroup), ByteSize.format(consumer.currentBytes),
                ByteSize.format(consumer.anonymousBytes), ByteSize.format(consumer.fileBytes),
                ByteSize.format(consumer.shmemBytes), ByteSize.format(consumer.kernelBytes),
                ByteSize.format(consumer.swapBytes), consumer.limitBytes.map(ByteSize.format) ?? "-",
                pressure.map(GuestReportText.percent) ?? "-", "\(consumer.oomKills)",
                consumer.growthBytesPerHour.map { ByteSize.format($0) + "/h" } ?? "-",
            ])
        }
        return table.lines + (top.leftOut > 0 ? ["\(top.leftOut) smaller ones were left out."] : [])
    }

    private static func line(_ leak: GuestLeak) -> String {
        let detail = leak.detail.isEmpty ? "" : " (\(leak.detail))"
        return Terminal.clean(
            "Leak suspected in \(leak.cgroup ?? "the whole guest"): it grew by \(ByteSize.format(leak.grownBytes)) in "
                + "\(PeriodText.span(leak.windowMilliseconds)), \(ByteSize.format(leak.bytesPerHour)) an hour\(detail)")
    }
}
