/// `ballastctl guest`: what a guest says about itself.
public enum GuestReportText {
    /// The lines for people; a title stands over each topic where there is more than one.
    public static func lines(_ report: GuestReport, on canvas: Canvas = Canvas()) -> [String] {
        var topics: [(title: String, lines: [String])] = []
        func add(_ title: String, _ pairs: [(name: String, value: String)]) {
            topics.append((title, TextTable.pairs(pairs.map { ($0.name, Terminal.clean($0.value)) })))
        }
        if let memory = report.memory { add("Memory", self.memory(memory)) }
        if let balloon = report.balloon { add("Balloon", self.balloon(balloon)) }
        if let pressure = report.pressure { topics.append(("Pressure", self.pressure(pressure))) }
        if let policy = report.policy { add("Policy", GuestPolicyText.pairs(policy)) }
        if let prices = report.prices { topics.append(("Prices", GuestPricesText.lines(prices))) }
        if let set = report.workingSet { topics.append(("Working set", WorkingSetText.lines(set, on: canvas))) }
        if let top = report.top { topics.append(("Top", GuestTopText.lines(top))) }
        if let sensors = report.sensors { topics.append(("Sensors", self.sensors(sensors))) }
        if topics.isEmpty { return ["The guest told nothing about that."] }
        if topics.count == 1 { return topics[0].lines }
        let shown = topics.map { topic in [topic.title] + topic.lines.map { $0.isEmpty ? "" : "  " + $0 } }
        return Array(shown.joined(separator: [""]))
    }

    private static func sensors(_ sensors: [GuestSensor]) -> [String] {
        if sensors.isEmpty { return ["The agent has no sensors."] }
        var table = TextTable([("SENSOR", .left), ("WORKS", .left), ("DETAIL", .left)])
        for sensor in sensors {
            table.add([Terminal.clean(sensor.name), sensor.available ? "yes" : "no", Terminal.clean(sensor.detail)])
        }
        return table.lines
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
            (
                "Reclaimed by allocations",
                "\(memory.directReclaimPages) pages, \(memory.allocationStalls) waits"
            ),
            ("OOM kills", "\(memory.oomKills)"),
            ("Dirty", ByteSize.format(memory.dirtyBytes)), ("Unevictable", ByteSize.format(memory.unevictableBytes)),
            ("Free in blocks of 2 MiB", ByteSize.format(memory.freeHugeBlocksBytes)),
            ("Anonymous in huge pages", ByteSize.format(memory.anonymousHugeBytes)),
        ]
        if memory.hugePagesTotal > 0 {
            let size = ByteSize.format(memory.hugePageBytes)
            pairs.append(("Huge pages", "\(memory.hugePagesFree) free of \(memory.hugePagesTotal), \(size) each"))
        }
        for (name, taken, holds) in [
            ("Zswap", memory.zswapBytes, memory.zswappedBytes), ("Zram", memory.zramBytes, memory.zramStoredBytes),
        ] where taken > 0 || holds > 0 {
            pairs.append((name, "\(ByteSize.format(holds)) in \(ByteSize.format(taken))"))
        }
        if memory.balloonInflatedPages > 0 {
            pairs.append(
                (
                    "Device balloon",
                    "\(memory.balloonInflatedPages) pages taken, \(memory.balloonDeflatedPages) given back, "
                        + "\(memory.balloonMigratedPages) moved"
                ))
        }
        if memory.nodes.count > 1 {
            for node in memory.nodes {
                let size = ByteSize.format(node.totalBytes)
                pairs.append(("Node \(node.node)", "\(ByteSize.format(node.freeBytes)) free of \(size)"))
            }
        }
        return pairs
    }

    /// A rate, or that there is none: the highest number stands for it.
    private static func growth(_ bytesPerSecond: UInt64) -> String {
        bytesPerSecond == .max ? "as fast as it can" : ByteSize.format(bytesPerSecond) + "/s"
    }

    private static func balloon(_ balloon: GuestBalloon) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = [
            ("Held", ByteSize.format(balloon.heldBytes)), ("In flight", ByteSize.format(balloon.inFlightBytes)),
            ("Quarantined", ByteSize.format(balloon.quarantinedBytes)),
            ("Target", balloon.targetBytes.map(ByteSize.format) ?? "none"),
        ]
        if let limit = balloon.limit { pairs.append(("Limit", VMDetailText.explain(limit))) }
        if balloon.askedBytes > 0 {
            pairs.append(("Asks for", ByteSize.format(balloon.askedBytes) + " more than its target gives"))
        }
        let hold = balloon.holdMilliseconds
        for (name, time, why) in [
            ("No inflation for", balloon.holdOffMilliseconds, "after a release in distress"),
            ("No inflation for", balloon.bootGraceMilliseconds, "after boot"),
            ("No inflation for", hold == GuestHold.forever ? 0 : hold, "the guest's administrator's hold"),
            ("Released in", balloon.controllerLostMilliseconds, "no controller is connected"),
        ] where time > 0 {
            pairs.append((name, "\(PeriodText.span(time)) (\(why))"))
        }
        if hold == GuestHold.forever {
            pairs.append(("No inflation", "until the guest's administrator ends the hold"))
        }
        pairs += [
            ("Floor", ByteSize.format(balloon.floorBytes)), ("Watermark", ByteSize.format(balloon.watermarkBytes)),
            (
                "Cache floor",
                ByteSize.format(balloon.cacheFloorBytes)
                    + (balloon.floorRaisedBytes > 0
                        ? ", of it \(ByteSize.format(balloon.floorRaisedBytes)) since cache came back" : "")
            ),
            ("May grow by", growth(balloon.stepBytesPerSecond)),
            ("Holders", "\(balloon.holders), \(balloon.holdersDied) died"),
            ("Offered", ByteSize.format(balloon.offeredBytes)),
            ("Discarded", ByteSize.format(balloon.discardedBytes)),
            ("Released", ByteSize.format(balloon.releasedBytes)),
            ("Emergency releases", "\(balloon.emergencyReleases)"),
            ("Releases under pressure", "\(balloon.pressureReleases)"),
            (
                "Made room",
                "\(ByteSize.format(balloon.reclaimedBytes)) reclaimed, \(balloon.compactions) compactions"
            ),
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
