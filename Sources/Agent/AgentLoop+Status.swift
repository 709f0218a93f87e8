import Balloon
import Governor
import Linux
import Sensors
import Wire

extension AgentLoop {
    /// Tells everyone who wants to know what happened: the host, whoever watches, the journal and the status file.
    func tell(
        _ kind: Event.Kind, _ reason: Reason, _ bytes: UInt64, _ detail: String, cgroup: String? = nil,
        peer: String? = nil
    ) {
        let event = Event(
            kind: kind, reason: reason, bytes: bytes, detail: detail,
            uptimeMilliseconds: BoottimeClock.now() / 1_000_000)
        journal.record(event, cgroup: cgroup, peer: peer)
        statusIsStale = true
        for connection in Array(connections.values) where connection.session.role != nil {
            guard connection.token == controller || connection.waitingBytes < Connection.reportLimit else { continue }
            act(connection.session.send(.event(event)), on: connection)
        }
    }

    /// Writes the status file where something in it changed. Looks once a second at most, since the loop may turn a
    /// thousand times meanwhile; `nextStatus` brings the last change of a busy second in.
    func writeStatus(_ now: UInt64) {
        guard now >= statusLookAt else {
            if statusIsStale { nextStatus = statusLookAt }
            return
        }
        nextStatus = nil
        statusIsStale = false
        statusLookAt = now + 1_000_000_000
        keepHoldOff(now)
        var status = GuestStatus()
        if let target {
            status.vmBytes = target.vmBytes
            status.targetBytes = target.targetBytes
            status.askedBy = controllerName
        }
        status.memoryTotalBytes = facts.memoryTotalBytes
        status.ballooned = engine.heldBytes
        status.inFlightBytes = engine.inFlightBytes
        status.availableBytes = (try? probe.memory().available) ?? 0
        status.askedBytes = governor.askedBytes
        status.controllerConnected = controller != nil
        status.limit = limit.reason
        status.limitDetail = limit.detail
        status.holdUntilMilliseconds =
            holds.inForce(now: now).map { $0.until == .max ? .max : $0.until / 1_000_000 } ?? 0
        let holdOff = governor.holdOffRemaining(now: now)
        status.holdOffUntilMilliseconds = holdOff > 0 ? holdOffEnd(now, holdOff) : 0
        status.policy = policyState
        status.events = journal.recent
        if let complaint = statusFile.update(status, now: now) { log.warning(complaint) }
        if let due = statusFile.due { nextStatus = max(due, statusLookAt) }
    }

    /// To the second, since it is computed anew each time and must not look like a change.
    private func holdOffEnd(_ now: UInt64, _ left: UInt64) -> UInt64 {
        now.addingSafely(left).addingSafely(500_000_000) / 1_000_000_000 * 1000
    }
}
