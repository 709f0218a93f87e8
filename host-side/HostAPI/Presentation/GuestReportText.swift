/// `ballastctl guest`: what a guest says about itself.
public enum GuestReportText {
    /// The lines for people; a title stands over each topic where there is more than one.
    public static func lines(_ report: GuestReport) -> [String] {
        var topics: [(title: String, lines: [String])] = []
        func add(_ title: String, _ pairs: [(name: String, value: String)]) {
            topics.append((title, TextTable.pairs(pairs.map { ($0.name, Terminal.clean($0.value)) })))
        }
        if let memory = report.memory { add("Memory", self.memory(memory)) }
        if let balloon = report.balloon { add("Balloon", self.balloon(balloon)) }
        if let pressure = report.pressure { topics.append(("Pressure", self.pressure(pressure))) }
        if let policy = report.policy { add("Policy", self.policy(policy)) }
        if topics.isEmpty { return ["The guest told nothing about that."] }
        if topics.count == 1 { return topics[0].lines }
        return Array(topics.map { [$0.title] + $0.lines.map { "  " + $0 } }.joined(separator: [""]))
    }

    /// Names and values of policies.
    static func policy(_ policy: GuestPolicy) -> [(name: String, value: String)] {
        [
            ("Stats period", PeriodText.format(policy.statsPeriodMilliseconds)),
            ("Deflate on OOM", policy.deflateOnOom.rawValue),
        ]
    }

    private static func memory(_ memory: GuestMemory) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = [
            ("Total", ByteSize.format(memory.totalBytes)), ("Available", ByteSize.format(memory.availableBytes)),
            ("Free", ByteSize.format(memory.freeBytes)), ("Cached", ByteSize.format(memory.cachedBytes)),
            ("Buffers", ByteSize.format(memory.buffersBytes)), ("Anonymous", ByteSize.format(memory.anonymousBytes)),
            ("Shmem", ByteSize.format(memory.shmemBytes)),
            ("Reclaimable slab", ByteSize.format(memory.slabReclaimableBytes)),
            (
                "Swap used",
                ByteSize.format(memory.swapTotalBytes - min(memory.swapTotalBytes, memory.swapFreeBytes)) + " of "
                    + ByteSize.format(memory.swapTotalBytes)
            ),
            ("Major faults", "\(memory.majorFaults)"),
            ("Refaults", "\(memory.refaultFilePages) file, \(memory.refaultAnonymousPages) anonymous pages"),
            ("OOM kills", "\(memory.oomKills)"),
        ]
        if memory.nodes.count > 1 {
            for node in memory.nodes {
                let size = ByteSize.format(node.totalBytes)
                pairs.append(("Node \(node.node)", "\(ByteSize.format(node.freeBytes)) free of \(size)"))
            }
        }
        return pairs
    }

    private static func balloon(_ balloon: GuestBalloon) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = [
            ("Held", ByteSize.format(balloon.heldBytes)), ("In flight", ByteSize.format(balloon.inFlightBytes)),
            ("Quarantined", ByteSize.format(balloon.quarantinedBytes)),
            ("Target", balloon.targetBytes.map(ByteSize.format) ?? "none"),
        ]
        if let limit = balloon.limit { pairs.append(("Limit", VMDetailText.explain(limit))) }
        if balloon.holdOffMilliseconds > 0 {
            pairs.append(("No inflation for", PeriodText.format(balloon.holdOffMilliseconds)))
        }
        pairs += [
            ("Floor", ByteSize.format(balloon.floorBytes)), ("Watermark", ByteSize.format(balloon.watermarkBytes)),
            ("Holders", "\(balloon.holders), \(balloon.holdersDied) died"),
            ("Offered", ByteSize.format(balloon.offeredBytes)),
            ("Discarded", ByteSize.format(balloon.discardedBytes)),
            ("Released", ByteSize.format(balloon.releasedBytes)),
            ("Emergency releases", "\(balloon.emergencyReleases)"),
            ("Moved by the kernel", ByteSize.format(balloon.movedBytes)),
            ("Too fragmented to take", ByteSize.format(balloon.fragmentedBytes)),
            ("Refused chunks", "\(balloon.refusedChunks)"),
        ]
        return pairs
    }

    private static func pressure(_ pressure: GuestPressure) -> [String] {
        guard pressure.available else { return ["The guest's kernel tells no pressure (PSI is off)."] }
        var table = TextTable([
            ("STALLED", .left), ("10 S", .right), ("60 S", .right), ("300 S", .right), ("TOTAL", .right),
        ])
        for (name, stall) in [("some", pressure.some), ("full", pressure.full)] {
            table.add([
                name, percent(stall.avg10Percent), percent(stall.avg60Percent), percent(stall.avg300Percent),
                "\(stall.totalMicroseconds / 1000) ms",
            ])
        }
        return table.lines
    }

    /// A share of time with two decimals.
    static func percent(_ value: Double) -> String {
        guard value.isFinite, let hundredths = Int64(exactly: (value * 100).rounded()) else { return "-" }
        let rest = abs(hundredths % 100)
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
    }
}
