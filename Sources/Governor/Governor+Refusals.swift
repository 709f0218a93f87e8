import Wire

/// What forbids any growth, and until when.
extension Governor {
    /// The first thing in the order of authority that leaves no room for a step of 2 MiB.
    func refusal(_ limits: [Limit], _ inputs: GovernorInputs, now: UInt64) -> Refusal? {
        if inputs.availableBytes < watermark {
            return Refusal(
                reason: .watermark,
                detail: "\(ByteSize.format(inputs.availableBytes)) available, below the watermark of "
                    + ByteSize.format(watermark), retryAfter: nil)
        }
        if let pressed = pressed(now: now) { return pressed }
        let full = limits.filter { $0.room < ByteSize.hugePage }
        if let floor = full.first(where: \.isFloor) {
            return Refusal(reason: floor.reason, detail: floor.detail, retryAfter: nil)
        }
        if let waiting = waits(now: now) { return waiting }
        return full.first.map { Refusal(reason: $0.reason, detail: $0.detail, retryAfter: nil) }
    }

    /// Programs wait for memory, or it comes back from the disk.
    private func pressed(now: UInt64) -> Refusal? {
        let rules = configuration.pressure
        let some = pressureWatch.some(now: now)
        if some > 0, some >= rules.inflateSome {
            return Refusal(
                reason: .memoryPressure,
                detail: "programs wait for memory \(Percent.format(UInt64(some))) of the time, and "
                    + "\(Percent.format(UInt64(rules.inflateSome))) is the limit", retryAfter: rules.window)
        }
        if activity.isThrashing(rules, now: now) {
            return Refusal(
                reason: .thrashing,
                detail: "\(activity.swapRate) pages a second come back from swap, and \(rules.thrashingPages) is the "
                    + "limit", retryAfter: rules.window)
        }
        if activity.isRising(rules, now: now) {
            return Refusal(
                reason: .refaults,
                detail: "\(activity.refaultRate) pages of page cache come back a second, where \(activity.usualRate) "
                    + "are usual", retryAfter: rules.window)
        }
        let listening = pressureWatch.listenUntil.less(now)
        guard listening > 0 else { return nil }
        return Refusal(
            reason: .memoryPressure,
            detail: "programs wait for memory; a pause shows whether that is because the balloon grows",
            retryAfter: listening)
    }

    private func waits(now: UInt64) -> Refusal? {
        let holdOff = holdOffRemaining(now: now)
        if holdOff > 0 {
            let cause =
                switch waiting.reason {
                case .oomKill: "an OOM kill in the guest"
                case .watermark: "a release below the watermark"
                default: "a release (\(waiting.reason))"
                }
            return Refusal(
                reason: .holdOff, detail: "no inflation for another \(DurationText.format(holdOff)) after \(cause)",
                retryAfter: holdOff)
        }
        let hold = holdRemaining(now: now)
        if hold > 0 {
            let time = hold == .max ? "until further notice" : "for another \(DurationText.format(hold))"
            return Refusal(
                reason: .hold, detail: "the guest's administrator forbade inflation \(time)",
                retryAfter: hold == .max ? nil : hold)
        }
        let grace = bootGraceRemaining(now: now)
        guard grace > 0 else { return nil }
        return Refusal(
            reason: .bootGrace,
            detail: "the guest has just booted; no inflation for another "
                + DurationText.format(grace), retryAfter: grace)
    }
}
