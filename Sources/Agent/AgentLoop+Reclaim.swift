import Balloon
import Governor
import Linux
import Sensors
import Wire

extension AgentLoop {
    /// Begins to make room for the balloon where the governor wants that; true while it goes on, when the balloon waits.
    func makeRoom(_ inputs: GovernorInputs, _ now: UInt64) -> Bool {
        if reclaim != nil { return true }
        let balloon = engine.heldBytes &+ engine.inFlightBytes
        let wanted = (engine.wantedBytes ?? 0) - min(engine.wantedBytes ?? 0, balloon)
        guard let plan = governor.plan(wanted: wanted, inputs: inputs, now: now) else { return false }
        do throws(LinuxError) {
            if case .reclaim(_, let swappiness) = plan.action, swappiness ?? 0 == 0 { workingSet.reclaimBegins() }
            reclaim = try ReclaimWorker(plan, roots: roots, now: now)
            log.info(plan.detail)
            return true
        } catch {
            log.warning("\(plan.detail), which could not be started: \(error)")
            finished(plan.action, 0, now)
            return false
        }
    }

    /// Stops what runs for too long, or while programs wait for memory.
    func superviseReclaim(_ now: UInt64) {
        guard let reclaim else { return }
        if now >= reclaim.deadline || governor.reclaimMustStop(now: now) { reclaim.stop(now: now) }
        reapReclaim()
    }

    /// Takes note of the end of what ran.
    func reapReclaim() {
        guard let reclaim, reclaim.hasEnded() else { return }
        self.reclaim = nil
        let now = BoottimeClock.now()
        finished(reclaim.action, reclaim.freedBytes(roots), now)
        nextGrow = min(nextGrow, now)
    }

    private func finished(_ action: ReclaimPlan.Action, _ bytes: UInt64, _ now: UInt64) {
        switch action {
        case .reclaim:
            governor.reclaimed(bytes, now: now)
            workingSet.reclaimed(bytes)
            if bytes > 0 { tell(.reclaimed, .noReason, bytes, "") }
        case .compact: governor.compacted(hugeBlockBytes: try? BuddyInfo.read(roots).hugeBytes, now: now)
        }
    }
}
