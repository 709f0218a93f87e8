import Governor
import Linux
import Sensors
import Wire

/// Measures the working set while somebody needs it: while the balloon could take page cache, and for some minutes after
/// a peer has asked. Otherwise nothing of it runs.
final class WorkingSetNeed {
    /// How long a question keeps the measuring going, in nanoseconds.
    private static let patience: UInt64 = 300_000_000_000

    private let roots: SensorRoots
    private let settings: SensorSettings
    private let window: UInt64
    private var watch: WorkingSetWatch?
    private var isMeasuring = false
    private var isForBalloon = false
    private var askedUntil: UInt64 = 0
    private var nextRefresh: UInt64 = 0
    /// What the governor's own steps tell where nothing dates memory.
    private var probe = CacheProbe()
    private var countersBefore: RefaultCounters?
    /// The last measurement as the governor takes it, by the time of the measurement.
    private var known: (measuredAt: UInt64, ages: IdleAges)?

    /// - Parameter window: page cache that was not used for so many nanoseconds is idle; every method is to be exact
    ///   there.
    init(roots: SensorRoots, settings: SensorSettings, window: UInt64) {
        self.roots = roots
        self.settings = settings
        self.window = window
    }

    /// When to look whether measuring can end, in nanoseconds; nil where nothing runs, and while the balloon needs it.
    var endsAt: UInt64? { isMeasuring && !isForBalloon ? askedUntil : nil }

    /// Starts or stops measuring. `balloon`: whether the balloon has use for the numbers.
    func isNeeded(_ balloon: Bool, now: UInt64, log: AgentLog) {
        isForBalloon = balloon && settings.workingSetPeriod > 0
        learnFromProbe()
        let wanted = isForBalloon || now < askedUntil
        if wanted, isMeasuring, isForBalloon, now >= nextRefresh {
            watch?.refresh()
            nextRefresh = now.addingSafely(settings.workingSetPeriod)
        }
        guard wanted != isMeasuring else { return }
        isMeasuring = wanted
        guard wanted else {
            watch?.stop()
            return
        }
        do throws(LinuxError) {
            if watch == nil {
                var kind = settings.workingSet
                kind.window = window
                watch = try WorkingSetWatch(roots, settings: kind)
            }
            try watch?.start()
        } catch {
            log.warning("the working set cannot be measured: \(error)")
        }
    }

    // MARK: Probing

    /// Page cache is about to be reclaimed at the governor's wish.
    func reclaimBegins() {
        countersBefore = watch?.state.method == .refault ? RefaultCounters.read(roots) : nil
    }

    /// That has ended, having taken so many bytes.
    func reclaimed(_ bytes: UInt64) {
        guard let counters = countersBefore else { return }
        countersBefore = nil
        probe.reclaimed(bytes, counters: counters, now: MonotonicClock.now())
    }

    private func learnFromProbe() {
        let now = MonotonicClock.now()
        guard let due = probe.due, now >= due, let counters = RefaultCounters.read(roots) else { return }
        probe.learn(counters, now: now)
        watch?.note(probe)
    }

    /// Ends it, and puts back what was switched on in the kernel.
    func end() {
        isMeasuring = false
        watch?.stop(waiting: true)
    }

    /// What the governor learns; nil where nothing is known. One measurement is the same value each time: its time is
    /// not computed again, or it would look like a new one.
    func ages(now: UInt64) -> IdleAges? {
        guard let histogram = watch?.state.histogram else {
            known = nil
            return nil
        }
        if let known, known.measuredAt == histogram.measuredAt { return known.ages }
        let ages = converted(histogram, now: now)
        known = (histogram.measuredAt, ages)
        return ages
    }

    private func converted(_ histogram: IdleHistogram, now: UInt64) -> IdleAges {
        let method: IdleAges.Method =
            switch histogram.method {
            case .mglru: .generations
            case .damon: .regions
            case .damonStat: .statistics
            case .refault: .refaults
            }
        let confidence: IdleAges.Confidence =
            switch histogram.confidence {
            case .low: .low
            case .medium: .medium
            case .high: .high
            }
        return IdleAges(
            buckets: histogram.buckets.map {
                IdleAges.Bucket(
                    minimumIdle: $0.minimumIdle, anonymousBytes: $0.anonymousBytes, fileBytes: $0.fileBytes,
                    unknownBytes: $0.unknownBytes, node: $0.node)
            }, method: method, confidence: confidence, measuredAt: now - min(now, age(of: histogram)))
    }

    /// The clock of the measurement stands still while the guest is suspended.
    private func age(of histogram: IdleHistogram) -> UInt64 {
        let now = MonotonicClock.now()
        return now - min(now, histogram.measuredAt)
    }

    /// Answers whoever asks, and measures for some minutes from now on.
    /// - Parameter window: what was used within so many nanoseconds is the working set.
    func report(window: UInt64, now: UInt64, log: AgentLog) -> WorkingSetReport {
        askedUntil = now.addingSafely(Self.patience)
        if !isMeasuring { isNeeded(false, now: now, log: log) }
        var report = WorkingSetReport(windowMilliseconds: window / 1_000_000)
        watch?.refresh()
        guard let state = watch?.state, let histogram = state.histogram else {
            report.detail = "measuring has just begun: ask again in some seconds"
            return report
        }
        report.method =
            switch histogram.method {
            case .mglru: .mglru
            case .damon: .damon
            case .damonStat: .damonStat
            case .refault: .refault
            }
        report.confidence =
            switch histogram.confidence {
            case .low: .low
            case .medium: .medium
            case .high: .high
            }
        report.detail = histogram.detail
        report.buckets = histogram.buckets.prefix(256).map {
            Wire.IdleBucket(
                minimumIdleMilliseconds: $0.minimumIdle / 1_000_000,
                maximumIdleMilliseconds: ($0.maximumIdle ?? 0) / 1_000_000, anonymousBytes: $0.anonymousBytes,
                fileBytes: $0.fileBytes, node: $0.node, unknownBytes: $0.unknownBytes)
        }
        report.workingSetBytes = histogram.workingSet(window: window)
        report.ageMilliseconds = age(of: histogram) / 1_000_000
        report.costMicroseconds = state.cost / 1000
        return report
    }
}

extension SensorSettings {
    /// What measuring the working set may do.
    var workingSet: WorkingSetSettings {
        var settings = WorkingSetSettings()
        settings.maySwitchGenerationsOn = mglru == .enable
        settings.mayUseDAMON = damon
        if mglru == .off { settings.excluded = [.mglru] }
        return settings
    }
}
