/// The guest's own memory pressure, told apart from what our populating causes.
struct PressureWatch: Sendable {
    /// What a reading completed.
    struct Measurement {
        let some: UInt32
        let full: UInt32
    }

    private var system = StallMeter()
    private var workload = StallMeter()
    private var hadOwn = false
    private var populatedAt: UInt64?
    /// Until then the balloon pauses, so that a pressure that may be its own shows whose it is.
    private(set) var listenUntil: UInt64 = 0

    /// How long a measurement counts.
    static let validity = 5 * DurationText.second
    /// Shortest time from one pause for listening to the next.
    static let listenAgain = 10 * DurationText.second

    /// Pages of ours are being populated.
    mutating func populated(now: UInt64) { populatedAt = now }

    /// Whether our own populating may be in the system's pressure.
    func isBlind(_ rules: PressureRules, now: UInt64) -> Bool {
        populatedAt.map { now < $0.adding(rules.window) } ?? false
    }

    /// When pages of ours were populated last.
    func populatedWithin(_ time: UInt64, now: UInt64) -> Bool { populatedAt.map { now.less($0) < time } ?? false }

    /// Takes a reading; a measurement where a window is complete.
    mutating func update(_ reading: PressureReading, _ rules: PressureRules, now: UInt64) -> Measurement? {
        var complete = false
        if let own = reading.own {
            if !hadOwn { system.restart(nil, now: now) }
            hadOwn = true
            let others = Stall(
                someMicroseconds: reading.system.someMicroseconds.less(own.someMicroseconds),
                fullMicroseconds: reading.system.fullMicroseconds.less(own.fullMicroseconds))
            complete = system.update(others, window: rules.window, now: now)
        } else {
            if hadOwn { system.restart(nil, now: now) }
            hadOwn = false
            if isBlind(rules, now: now) {
                listen(reading.system, rules, now: now)
                system.restart(reading.system, now: now)
            } else {
                complete = system.update(reading.system, window: rules.window, now: now)
            }
        }
        if let stall = reading.workload {
            if workload.update(stall, window: rules.window, now: now) { complete = true }
        } else {
            workload.restart(nil, now: now)
        }
        return complete ? Measurement(some: some(now: now), full: full(now: now)) : nil
    }

    /// A trigger fired; false where it may be of our own making.
    mutating func event(_ event: PressureEvent, _ rules: PressureRules, now: UInt64) -> Bool {
        let (some, full) = (rules.releaseSome, event.full ? rules.releaseFull : 0)
        switch event.source {
        case .system:
            // The kernel looks back over one window, and may report it up to another later: one report a window.
            guard !populatedWithin(rules.window.times(2).adding(rules.window / 10), now: now) else { return false }
            system.triggered(some: some, full: full, now: now)
        case .workload: workload.triggered(some: some, full: full, now: now)
        }
        return true
    }

    /// Averages stand in for a measurement where there is none.
    mutating func recall(some: UInt32, full: UInt32, now: UInt64) {
        guard !system.isFresh(now: now, validity: Self.validity) else { return }
        system.triggered(some: some, full: full, now: now)
    }

    /// Memory was released: what was waited for before says nothing about afterwards.
    mutating func released(now: UInt64) {
        system.forget(now: now)
        workload.forget(now: now)
    }

    /// The guest's pressure in hundredths of a percent; 0 where it was not measured lately.
    func some(now: UInt64) -> UInt32 {
        let others = system.isFresh(now: now, validity: Self.validity) ? system.some : 0
        return max(others, workload.isFresh(now: now, validity: Self.validity) ? workload.some : 0)
    }
    func full(now: UInt64) -> UInt32 {
        let others = system.isFresh(now: now, validity: Self.validity) ? system.full : 0
        return max(others, workload.isFresh(now: now, validity: Self.validity) ? workload.full : 0)
    }

    private mutating func listen(_ stall: Stall, _ rules: PressureRules, now: UInt64) {
        guard let share = system.soFar(stall, window: rules.window, now: now), share >= rules.inflateSome,
            now >= listenUntil.adding(listenUntil == 0 ? 0 : Self.listenAgain)
        else { return }
        // Blind for one window, measuring for another.
        listenUntil = now.adding(rules.window.times(2))
    }
}
