import Governor
import Testing
import Wire

private let second = DurationText.second

/// A simulated guest with an agent that does what the real governor says, and checks on the way that nothing forbidden
/// is permitted.
struct SimulatedAgent {
    var governor: Governor
    var guest: SimulatedGuest
    var now: UInt64 = 0
    /// What the host wants the guest to keep; nil without a target.
    var target: UInt64?
    /// The host raises the target by what the guest asks for. While the guest asks for nothing, it takes half of what
    /// the guest can give each 10 s, down to the first target.
    var hostListens = false
    /// Working sets are measured every 30 s.
    var measuresAges = true
    /// earlyoom acts below so many bytes of MemAvailable; nil without it.
    var earlyoom: UInt64?

    // What happened.
    var asks: [MemoryAsk] = []
    var everything: [(at: UInt64, reason: Reason)] = []
    var reliefs: [(at: UInt64, reason: Reason, bytes: UInt64)] = []
    var grownAt: [UInt64] = []
    var reclaimed: UInt64 = 0
    var killedByOthers: UInt64 = 0
    var mostHeld: UInt64 = 0

    private var building: [(bytes: UInt64, until: UInt64, given: Bool)] = []
    private var nextLook: UInt64?
    private var nextSense: UInt64 = 0
    private var nextGrow: UInt64 = 0
    private var nextAges: UInt64 = 0
    private var reclaiming: (bytes: UInt64, until: UInt64)?
    private var granted: UInt64 = 0
    private var noGrowthBefore: UInt64 = 0

    /// One tick of the simulation.
    static let tick = 10 * DurationText.millisecond

    init(total: UInt64, _ change: (inout GovernorConfiguration) -> Void = { _ in }) {
        var configuration = GovernorConfiguration(memoryTotalBytes: total, processors: 2)
        configuration.reclaim.support = .swappiness
        change(&configuration)
        governor = Governor(configuration: configuration)
        guest = SimulatedGuest(total: total)
    }

    var inFlight: UInt64 { building.reduce(0) { $0 + $1.bytes } }
    var sample: Sample {
        Sample(
            availableBytes: guest.available, oomKills: guest.kills, heldBytes: guest.held, inFlightBytes: inFlight)
    }

    private var wanted: UInt64 {
        guard let target else { return 0 }
        let size = guest.total - min(guest.total, target + granted)
        return size - min(size, guest.held + inFlight)
    }

    /// Lets time pass; `each` changes the guest before every tick.
    mutating func run(for time: UInt64, _ each: (inout SimulatedGuest, UInt64) -> Void = { _, _ in }) {
        let end = now + time
        while now < end {
            each(&guest, now)
            guest.run(Self.tick)
            tick()
            now += Self.tick
        }
    }

    private mutating func tick() {
        if let earlyoom, guest.available < earlyoom, now % (100 * DurationText.millisecond) == 0 {
            killedByOthers += 1
            guest.anonymous /= 2
            guest.wanted = guest.anonymous
        }
        land()
        if let due = nextLook, now >= due { look() }
        if now >= nextSense { sense() }
        if let ask = governor.ask(
            AskInputs(
                availableBytes: guest.available, balloonBytes: guest.held + inFlight,
                targetBytes: target.map { $0 + granted }, vmBytes: guest.total), now: now)
        {
            asks.append(ask)
            if hostListens { granted += ask.bytes }
        }
        if granted > 0, governor.askedBytes == 0, now % (10 * second) == 0 {
            let inputs = GovernorInputs(
                availableBytes: guest.available, unpopulatedBytes: inFlight, memory: guest.picture)
            granted -= min(granted, governor.prices(inputs: inputs, now: now).totalBytes / 2)
        }
        obeyTarget()
        if now >= nextGrow { grow() }
        mostHeld = max(mostHeld, guest.held)
    }

    private mutating func look() {
        carryOut(governor.observe(sample, now: now))
        nextLook = governor.nextLook(after: sample).map { now + $0 }
    }

    private mutating func sense() {
        if measuresAges, now >= nextAges {
            governor.learn(ages: guest.ages(now: now))
            nextAges = now + 30 * second
        }
        if let earlyoom {
            governor.learn(
                killers: [
                    OtherKiller(kind: .earlyoom, thresholdBytes: earlyoom, availableBytes: guest.available)
                ], availableBytes: guest.available)
        }
        let reading = PressureReading(
            system: Stall(
                someMicroseconds: UInt64(guest.stall + guest.ownStall), fullMicroseconds: UInt64(guest.stall / 2)),
            own: Stall(someMicroseconds: UInt64(guest.ownStall)))
        carryOut(governor.observe(pressure: reading, sample: sample, now: now))
        carryOut(governor.observe(memory: guest.picture, sample: sample, now: now))
        nextSense = now + (governor.nextSense(after: sample, now: now) ?? second)
    }

    private mutating func carryOut(_ decision: Decision) {
        switch decision {
        case .carryOn: return
        case .release(let relief):
            #expect(governor.configuration.deflateOnOom == .pressure)
            #expect(relief.bytes > 0 && relief.bytes <= guest.held + inFlight)
            guest.held -= min(guest.held, relief.bytes)
            reliefs.append((now, relief.reason, relief.bytes))
            forbid(10)
        case .releaseEverything(let emergency):
            #expect(governor.configuration.deflateOnOom != .off)
            guest.held = 0
            for index in building.indices { building[index].given = true }
            if !emergency.again { everything.append((now, emergency.reason)) }
            forbid(emergency.reason == .oomKill ? 100 : 10)
        }
        nextGrow = now
    }

    private mutating func forbid(_ seconds: UInt64) { noGrowthBefore = max(noGrowthBefore, now + seconds * second) }

    /// Chunks whose pages are populated and offered by now.
    private mutating func land() {
        for chunk in building where now >= chunk.until && !chunk.given {
            guest.ownStall += 5000
            // Populating needs the memory, whatever the kernel has to do for it.
            if guest.take(chunk.bytes) { guest.held += chunk.bytes }
        }
        building.removeAll { now >= $0.until }
        guard let run = reclaiming, now >= run.until else { return }
        let gained = guest.evict(min(run.bytes, guest.file))
        reclaimed += gained
        governor.reclaimed(gained, now: now)
        reclaiming = nil
    }

    private mutating func obeyTarget() {
        guard let target else { return }
        let size = guest.total - min(guest.total, target + granted)
        if guest.held > size { guest.held = size }
    }

    private mutating func grow() {
        nextGrow = now + 50 * DurationText.millisecond
        let inputs = GovernorInputs(
            availableBytes: guest.available, unpopulatedBytes: inFlight, unpinnedBytes: inFlight,
            memory: guest.picture)
        if reclaiming == nil, let plan = governor.plan(wanted: wanted, inputs: inputs, now: now),
            case .reclaim(let bytes, _) = plan.action
        {
            reclaiming = (bytes, now + 20 * DurationText.millisecond)
        }
        while wanted > 0, building.count < 4 {
            var inputs = inputs
            inputs.unpopulatedBytes = inFlight
            switch governor.permit(wanted: wanted, inputs: inputs, now: now) {
            case .refused(let refusal):
                let wait = min(refusal.retryAfter ?? second, second)
                nextGrow = now + max(wait, 50 * DurationText.millisecond)
                return
            case .allowed(let bytes):
                #expect(now >= noGrowthBefore, "grew during a hold-off")
                #expect(guest.available >= inFlight + bytes + governor.floor, "below the floor")
                #expect(guest.available >= inFlight + bytes + (earlyoom ?? 0), "near another killer")
                building.append((bytes, now + 40 * DurationText.millisecond, false))
                grownAt.append(now)
                nextLook = min(nextLook ?? now, now)
            }
        }
    }
}
