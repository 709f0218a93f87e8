import Balloon
import Governor
import Linux
import Sensors
import Wire

extension AgentLoop {
    /// Sets when the next unasked report is due.
    func scheduleReport(_ now: UInt64) {
        let period = policy.statsPeriodMilliseconds
        nextReport = period == 0 ? nil : now + period * 1_000_000
    }

    /// A report to everyone whose stream is not full.
    func sendPeriodicReport() {
        let ready = connections.values.filter {
            $0.session.role != nil && $0.waitingBytes < Connection.reportLimit
        }
        if ready.isEmpty { return }
        let report = report([])
        for connection in ready { act(connection.session.send(.report(report)), on: connection) }
    }

    /// The guest's numbers; an empty list asks for all.
    func report(_ topics: [Query.Topic]) -> Report {
        func wants(_ topic: Query.Topic) -> Bool { topics.isEmpty || topics.contains(topic) }
        var report = Report(uptimeMilliseconds: BoottimeClock.now() / 1_000_000)
        if wants(.memory) { report.memory = try? MemorySensor.read(roots) }
        if wants(.pressure) { report.pressure = PressureSensor.read(roots) }
        if wants(.balloon) { report.balloon = balloonReport() }
        if wants(.policy) { report.policy = policy }
        // These cost more than a look at a few files, so only those get them who ask.
        if topics.contains(.top) { report.top = TopSensor.read(roots) }
        if topics.contains(.sensors) {
            report.sensors = SensorList(sensors: SensorListing.states(configuration))
        }
        return report
    }

    private func balloonReport() -> BalloonReport {
        let counters = engine.counters
        return BalloonReport(
            heldBytes: engine.heldBytes, inFlightBytes: engine.inFlightBytes,
            quarantinedBytes: engine.quarantinedBytes, targetBytes: target?.targetBytes ?? 0,
            vmBytes: target?.vmBytes ?? 0, limit: limit.reason, limitDetail: limit.detail,
            holdOffMilliseconds: governor.holdOffRemaining(now: BoottimeClock.now()) / 1_000_000,
            holders: UInt32(clamping: engine.livingHolders.count), floorBytes: governor.floor,
            watermarkBytes: governor.watermark, offeredBytes: counters.offeredBytes,
            discardedBytes: counters.discardedBytes, releasedBytes: counters.releasedBytes,
            emergencyReleases: emergencyReleases, holdersDied: counters.holdersDied,
            movedBytes: counters.movedBytes, refusedChunks: counters.refusedChunks,
            fragmentedBytes: counters.fragmentedBytes)
    }
}
