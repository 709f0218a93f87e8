import Governor
import Linux
import Sensors
import SystemPackage
import Wire

/// Everything that the agent reads for the governor beside the cheap looks. Nothing is opened or read before it is asked
/// for.
final class Senses {
    /// How often the guest's other killers are looked for, in nanoseconds: it takes a walk over all processes.
    private static let killersPeriod: UInt64 = 60_000_000_000

    /// How long it is until triggers that could not be had are tried again, in nanoseconds.
    private static let triggerPause: UInt64 = 60_000_000_000

    let roots: SensorRoots
    let configuration: AgentConfiguration
    private var triggers: [UInt64: (trigger: PressureTrigger, event: PressureEvent)] = [:]
    /// Where a trigger cannot be had, when it is tried again.
    private var triggersAgainAt: UInt64 = 0
    private var killers: [KillerRule] = []
    private var killersReadAt: UInt64?
    private var leaks: LeakWatch
    private var nextLeakLook: UInt64 = 0

    init(roots: SensorRoots, configuration: AgentConfiguration) {
        self.roots = roots
        self.configuration = configuration
        var settings = LeakWatch.Settings()
        if configuration.sensors.leakWindow > 0 { settings.window = configuration.sensors.leakWindow }
        leaks = LeakWatch(settings)
    }

    // MARK: Pressure

    /// The waiting of the system, the holders and the watched cgroups; nil without PSI.
    func pressure(holders: String?) -> PressureReading? {
        guard let system = PressureSensor.totals(roots) else { return nil }
        var reading = PressureReading(system: Self.stall(system))
        reading.own = holders.flatMap { PressureSensor.totals(cgroup: $0, roots: roots) }.map(Self.stall)
        for path in configuration.sensors.pressureCgroups {
            guard let totals = PressureSensor.totals(cgroup: path, roots: roots) else { continue }
            var sum = reading.workload ?? Stall()
            sum.someMicroseconds &+= totals.someMicroseconds
            sum.fullMicroseconds &+= totals.fullMicroseconds
            reading.workload = sum
        }
        return reading
    }

    private static func stall(_ totals: PressureTotals) -> Stall {
        Stall(someMicroseconds: totals.someMicroseconds, fullMicroseconds: totals.fullMicroseconds)
    }

    /// The trigger behind a token of epoll.
    func trigger(_ token: UInt64) -> PressureEvent? { triggers[token]?.event }

    var hasTriggers: Bool { !triggers.isEmpty }

    /// Sets the triggers where they can be had; the periodic reading stands in for those that cannot.
    func openTriggers(_ epoll: Epoll, log: AgentLog, token: () -> UInt64) {
        let now = BoottimeClock.now()
        guard now >= triggersAgainAt else { return }
        let rules = configuration.pressure
        var places = [(PressureSensor.systemFile(roots), PressureEvent.Source.system)]
        for path in configuration.sensors.pressureCgroups {
            if let file = PressureSensor.file(ofCgroup: path, roots: roots) { places.append((file, .workload)) }
        }
        for (file, source) in places {
            for full in [false, true] {
                let share = UInt64(full ? rules.releaseFull : rules.releaseSome)
                let window = rules.window / 1000
                do throws(LinuxError) {
                    let trigger = try PressureTrigger(
                        file, full ? .full : .some, stallMicroseconds: window.multipliedSafely(by: share) / 10_000,
                        windowMicroseconds: window)
                    let number = token()
                    try epoll.add(trigger.descriptor, for: .priority, token: number)
                    triggers[number] = (trigger, PressureEvent(source: source, full: full))
                } catch {
                    if triggersAgainAt == 0 { log.info("no pressure trigger on \(file): \(error)") }
                    triggersAgainAt = now.addingSafely(Self.triggerPause)
                    break
                }
            }
        }
    }

    /// Takes one trigger away: its source is gone.
    func closeTrigger(_ token: UInt64, _ epoll: Epoll) {
        guard let (trigger, _) = triggers.removeValue(forKey: token) else { return }
        epoll.remove(trigger.descriptor)
        trigger.close()
    }

    func closeTriggers(_ epoll: Epoll) {
        for token in Array(triggers.keys) { closeTrigger(token, epoll) }
    }

    // MARK: Memory

    /// What memory consists of, from numbers that are there already.
    func picture(_ memory: MemoryInfo, _ zones: ZoneInfo?) -> MemoryPicture {
        let counters = (try? VMStat.read(roots)) ?? VMStat()
        let blocks = try? BuddyInfo.read(roots)
        return MemoryPicture(
            availableBytes: memory.available, freeBytes: memory.free, activeFileBytes: memory.activeFile,
            inactiveFileBytes: memory.inactiveFile,
            anonymousBytes: memory.activeAnonymous.addingSafely(memory.inactiveAnonymous),
            swapTotalBytes: memory.swapTotal, swapFreeBytes: memory.swapFree, hugeBlockBytes: blocks?.hugeBytes,
            highWatermarkBytes: zones.map { $0.zones.reduce(0) { $0.addingSafely($1.high) } },
            refaultFilePages: counters.refaultFile, refaultAnonymousPages: counters.refaultAnonymous,
            swappedInPages: counters.swappedIn)
    }

    /// What memory consists of; nil where it cannot be read.
    func picture() -> MemoryPicture? {
        guard let memory = try? MemoryInfo.read(roots) else { return nil }
        return picture(memory, try? ZoneInfo.read(roots))
    }

    // MARK: Other killers

    /// Who else acts on low memory, with what each takes for available, and what the kernel calls available at that
    /// very time.
    func otherKillers(now: UInt64) -> (killers: [OtherKiller], availableBytes: UInt64) {
        guard configuration.otherKillers, let measures = try? KillerMeasures.read(roots) else { return ([], 0) }
        if killersReadAt.map({ now - min(now, $0) >= Self.killersPeriod }) ?? true {
            killersReadAt = now
            killers = KillerSensor.read(roots, measures: measures)
        }
        let known: [OtherKiller] = killers.compactMap { rule in
            guard let line = rule.line(measures) else { return nil }
            let kind: OtherKiller.Kind =
                switch rule.kind {
                case .systemdOomd: .systemdOomd
                case .kubelet: .kubelet
                case .earlyoom: .earlyoom
                }
            return OtherKiller(
                kind: kind, thresholdBytes: line.thresholdBytes, availableBytes: line.availableBytes,
                marginBytes: configuration.killerMarginBytes)
        }
        return (known, measures.availableBytes)
    }

    // MARK: Who uses memory

    /// The cgroups that use the most, and the suspected leaks.
    func top() -> TopReport { TopSensor.report(consumers(), leaks) }

    /// Leaks that were not suspected before; looks at the cgroups now and then only.
    func newLeaks(heldBytes: UInt64, now: UInt64) -> [Wire.Leak] {
        guard configuration.sensors.leakWindow > 0, now >= nextLeakLook, let memory = try? MemoryInfo.read(roots)
        else { return [] }
        nextLeakLook = now.addingSafely(leaks.interval)
        let new = leaks.note(
            cgroups: consumers().consumers.map { ($0.watchedPath, $0.demandBytes) },
            guest: memory.demandBytes(held: heldBytes), memory: memory.total, now: now)
        return new.map(TopSensor.leak)
    }

    private func consumers() -> CgroupConsumers {
        var bounds = CgroupConsumers.Bounds()
        bounds.holderSlice = configuration.holderSlice
        return CgroupConsumers.read(roots, bounds: bounds)
    }

    // MARK: What there is

    /// Every sensor, and why it is missing.
    func list() -> SensorList {
        var catalog = SensorCatalog.standard
        catalog.entries += WorkingSetSensor.entries(configuration.sensors.workingSet)
        return SensorCatalog.report(catalog.states(roots))
    }
}

extension UInt64 {
    /// The sum, or the largest value.
    func addingSafely(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The product, or the largest value.
    func multipliedSafely(by other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
