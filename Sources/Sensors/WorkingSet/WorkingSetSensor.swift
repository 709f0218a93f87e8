public import Linux
import SystemPackage

/// The working set by the best method that this guest has.
///
/// Nothing is open, switched on or started before `start`, nor after `stop`. Between samples it holds no descriptor.
/// Its calls may take long: an aging walks the page tables of every process, about 0.1 s for each 16 GiB, and DAMON
/// answers within 10 s. An event loop leaves them to a `WorkingSetWatch`.
public struct WorkingSetSensor: Sendable {
    private enum Active: Sendable {
        case generations(GenerationMethod)
        case damon(DamonMethod)
        case damonStatistics
        case refaults(RefaultMethod)
    }

    /// No two measurements are closer than this, in nanoseconds: calls in between get the last again.
    public static let minimumGap: UInt64 = 2_000_000_000

    let roots: SensorRoots
    let settings: WorkingSetSettings
    private let seed: UInt64
    private let clock: @Sendable () -> UInt64
    private var active: Active?
    private var failures: [IdleHistogram.Method: String] = [:]
    private var enabledBefore: UInt64?
    private var last: (histogram: IdleHistogram, at: UInt64)?
    private var threadCost: UInt64 = 0
    private var kernelCost: UInt64 = 0

    /// - Parameters:
    ///   - seed: Chooses the page frames that are looked at.
    ///   - clock: The clock of `now`, in nanoseconds.
    public init(
        _ roots: SensorRoots = SensorRoots(), settings: WorkingSetSettings = WorkingSetSettings(), seed: UInt64 = 1,
        clock: @escaping @Sendable () -> UInt64 = { MonotonicClock.now() }
    ) {
        self.roots = roots
        self.settings = settings
        self.seed = seed
        self.clock = clock
    }

    /// Ends a DAMON thread of ours that outlived its agent, which was killed. Every start does so too; an agent that
    /// may not start anything calls it once.
    public static func removeLeftovers(_ roots: SensorRoots = SensorRoots()) { DamonTree(roots).removeLeftovers() }

    /// Whether it was started.
    public var isActive: Bool { active != nil }

    /// The method in use; nil before `start`.
    public var method: IdleHistogram.Method? {
        switch active {
        case .generations: .mglru
        case .damon: .damon
        case .damonStatistics: .damonStat
        case .refaults: .refault
        case nil: nil
        }
    }

    /// Processor time that it took so far, in nanoseconds: the calling threads' with the kernel's work for them, and
    /// DAMON's thread in steps of 10 ms.
    public var cost: UInt64 {
        guard case .damon(let damon) = active else { return threadCost.adding(kernelCost) }
        return threadCost.adding(kernelCost).adding(damon.cost)
    }

    /// When the next `sample` does more than to read, in nanoseconds; nil where it never does, or at once.
    public var due: UInt64? {
        switch active {
        case .generations(let generations): generations.due
        case .damon, .damonStatistics, .refaults: last.map { $0.at.adding(60_000_000_000) }
        case nil: nil
        }
    }

    /// Chooses the best method and starts it.
    public mutating func start() {
        guard active == nil else { return }
        failures = [:]
        choose(clock())
    }

    /// Ends it, and puts back what was switched on.
    public mutating func stop() {
        if case .damon(let damon) = active {
            kernelCost = kernelCost.adding(damon.cost)
            damon.stop()
        }
        if let before = enabledBefore { try? LRUGenSettings.enable(before, roots) }
        enabledBefore = nil
        active = nil
        last = nil
    }

    /// Measures, and ages where it is time.
    /// - Parameter probe: What probing learnt, where somebody probes; used where nothing else dates memory.
    /// - Returns: nil before `start`, and where not even `/proc/vmstat` can be read.
    public mutating func sample(now: UInt64, probe: CacheProbe? = nil) -> IdleHistogram? {
        if let last, now < last.at.adding(Self.minimumGap), due.map({ now < $0 }) ?? true { return last.histogram }
        let before = ProcessorTime.ofThread()
        defer { threadCost = threadCost.adding(ProcessorTime.ofThread().less(before)) }
        while let method {
            if let histogram = measure(now, probe) {
                last = (histogram, now)
                return histogram
            }
            // What worked at the start may have been switched off since: the next best takes over.
            if method == .refault { return nil }
            stop()
            choose(now)
        }
        return nil
    }

    private mutating func measure(_ now: UInt64, _ probe: CacheProbe?) -> IdleHistogram? {
        switch active {
        case .generations(var generations):
            do throws(SensorError) {
                if LRUGenSettings.read(roots)?.datesMemory != true {
                    failures[.mglru] = "the multi-generational LRU was switched off"
                    return nil
                }
                let histogram = try generations.measure(now)
                active = .generations(generations)
                return histogram
            } catch {
                failures[.mglru] = error.description
                return nil
            }
        case .damon(let damon):
            do throws(LinuxError) {
                return try damon.measure(now, clock: clock)
            } catch {
                failures[.damon] = error.description
                return nil
            }
        case .damonStatistics:
            let histogram = DamonStatistics.measure(roots, now, edges: Self.edges(settings.window))
            if histogram == nil { failures[.damonStat] = "DAMON_STAT has no numbers" }
            return histogram
        case .refaults(var refaults):
            let histogram = refaults.measure(now, probe: probe)
            active = .refaults(refaults)
            return histogram
        case nil: return nil
        }
    }

    /// The ages at which methods that know every age have their bounds, in nanoseconds.
    static func edges(_ window: UInt64) -> [UInt64] {
        Set([15, 30, 60, 120, 300, 900].map { $0 * 1_000_000_000 } + [max(window, 1)]).sorted()
    }

    private mutating func choose(_ now: UInt64) {
        Self.removeLeftovers(roots)
        for method in [IdleHistogram.Method.mglru, .damon, .damonStat]
        where failures[method] == nil && !settings.excluded.contains(method) {
            if let reason = Self.reasonAgainst(method, roots, settings) {
                failures[method] = reason
            } else if begin(method, now) {
                return
            }
        }
        active = .refaults(RefaultMethod(roots))
    }

    private mutating func begin(_ method: IdleHistogram.Method, _ now: UInt64) -> Bool {
        switch method {
        case .mglru: return beginGenerations()
        case .damon:
            do throws(LinuxError) {
                active = .damon(
                    try DamonMethod(
                        roots, samples: settings.damonFrames, edges: Self.edges(settings.window), seed: seed, now: now))
                return true
            } catch {
                failures[.damon] = error.description
                return false
            }
        case .damonStat: active = .damonStatistics
        case .refault: active = .refaults(RefaultMethod(roots))
        }
        return true
    }

    private mutating func beginGenerations() -> Bool {
        let obstacle =
            settings.mayAge ? GenerationMethod.obstacleToAging(roots) : "the configuration forbids to age them"
        // Generations that the agent cannot age say less than DAMON does.
        let isBeaten = [IdleHistogram.Method.damon, .damonStat].contains {
            !settings.excluded.contains($0) && Self.reasonAgainst($0, roots, settings) == nil
        }
        if let obstacle, isBeaten {
            failures[.mglru] = obstacle
            return false
        }
        if let current = LRUGenSettings.read(roots), !current.datesMemory {
            do throws(LinuxError) {
                try LRUGenSettings.enable(0b111, roots)
                enabledBefore = current.enabled
            } catch {
                failures[.mglru] = error.description
                return false
            }
        }
        active = .generations(
            GenerationMethod(
                roots, schedule: AgingSchedule(window: settings.window), samples: settings.cacheSamples, seed: seed,
                obstacle: obstacle))
        return true
    }
}
