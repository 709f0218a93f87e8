import Balloon
import Governor
import Linux
import Sensors
import Wire

extension AgentLoop {
    /// A report to everyone whose stream is not full.
    func sendPeriodicReport(_ now: UInt64) {
        watchForLeaks(now)
        let report = report([])
        schedule.sent(
            availableBytes: report.memory?.availableBytes ?? 0, balloonBytes: engine.heldBytes,
            memoryTotalBytes: facts.memoryTotalBytes,
            short: governor.isShort(availableBytes: report.memory?.availableBytes ?? .max, now: now), now: now)
        let ready = connections.values.filter {
            $0.session.role != nil && $0.waitingBytes < Connection.reportLimit
        }
        for connection in ready { act(connection.session.send(.report(report)), on: connection) }
    }

    /// The guest's numbers; an empty list asks for all.
    func report(_ topics: [Query.Topic]) -> Report {
        func wants(_ topic: Query.Topic) -> Bool { topics.isEmpty || topics.contains(topic) }
        let now = BoottimeClock.now()
        var report = Report(uptimeMilliseconds: now / 1_000_000)
        if wants(.memory) { report.memory = try? MemorySensor.read(roots) }
        if wants(.pressure) { report.pressure = PressureSensor.read(roots) }
        if wants(.balloon) { report.balloon = balloonReport(now) }
        if wants(.policy) { report.policy = policyState }
        if wants(.prices) { report.prices = priceList(now) }
        // These cost more than a look at a few files, so only those get them who ask.
        if topics.contains(.workingSet) {
            report.workingSet = workingSet.report(window: configuration.cache.coldAge, now: now, log: log)
        }
        if topics.contains(.top) { report.top = topReport(now) }
        if topics.contains(.sensors) { report.sensors = senses.list() }
        return report
    }

    private func balloonReport(_ now: UInt64) -> BalloonReport {
        let counters = engine.counters
        return BalloonReport(
            heldBytes: engine.heldBytes, inFlightBytes: engine.inFlightBytes,
            quarantinedBytes: engine.quarantinedBytes, targetBytes: target?.targetBytes ?? 0,
            vmBytes: target?.vmBytes ?? 0, limit: limit.reason, limitDetail: limit.detail,
            holdOffMilliseconds: governor.holdOffRemaining(now: now) / 1_000_000,
            holders: UInt32(clamping: engine.livingHolders.count), floorBytes: governor.floor,
            watermarkBytes: governor.watermark, offeredBytes: counters.offeredBytes,
            discardedBytes: counters.discardedBytes, releasedBytes: counters.releasedBytes,
            emergencyReleases: emergencyReleases, holdersDied: counters.holdersDied,
            movedBytes: counters.movedBytes, refusedChunks: counters.refusedChunks,
            fragmentedBytes: counters.fragmentedBytes, cacheFloorBytes: governor.cacheFloorBytes(now: now),
            holdMilliseconds: holds.remainingMilliseconds(now: now),
            bootGraceMilliseconds: governor.bootGraceRemaining(now: now) / 1_000_000,
            pressureReleases: governor.reliefs, askedBytes: governor.askedBytes,
            stepBytesPerSecond: governor.stepRate(now: now), reclaimedBytes: governor.reclaimedBytes,
            compactions: governor.compactions, floorRaisedBytes: governor.floorRaisedBytes(now: now),
            controllerLostMilliseconds: controllerWatch.remaining(now: now).map { $0 / 1_000_000 } ?? 0)
    }

    /// What the guest can give, cheapest first.
    private func priceList(_ now: UInt64) -> PriceList? {
        guard var inputs = inputs(whole: true) else { return nil }
        let nodes = NodeInfo.read(roots)
        if nodes.count > 1 { inputs.memory?.nodes = nodes.map { .init(node: $0.node, freeBytes: $0.free) } }
        let prices = governor.prices(inputs: inputs, now: now)
        return PriceList(
            prices: prices.lines.map { line in
                let kind: Price.Class =
                    switch line.kind {
                    case .free: .free
                    case .cache: .cache
                    case .anonymous: .anonymous
                    }
                return Price(
                    class: kind, node: line.node, bytes: line.bytes,
                    minimumIdleMilliseconds: line.minimumIdle / 1_000_000, ageKnown: line.ageKnown)
            }, reserveBytes: prices.reserveBytes, uptimeMilliseconds: now / 1_000_000)
    }

    private func topReport(_ now: UInt64) -> TopReport {
        watchForLeaks(now)
        return senses.top()
    }
}
