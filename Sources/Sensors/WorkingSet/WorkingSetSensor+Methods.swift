extension WorkingSetSensor {
    /// Every method, best first: whether it can be used here, and why not.
    public func methods() -> [SensorCatalog.State] { Self.methods(roots, settings) }

    /// The methods as entries of the catalogue of sensors, under these settings.
    public static func entries(_ settings: WorkingSetSettings = WorkingSetSettings()) -> [SensorCatalog.Entry] {
        IdleHistogram.Method.allCases.map { method in
            SensorCatalog.Entry("working-set-\(method.name)") { roots in
                if settings.excluded.contains(method) { return .missing("the configuration leaves it out") }
                return reasonAgainst(method, roots, settings).map { .missing($0) } ?? .available(what(method))
            }
        }
    }

    static func methods(_ roots: SensorRoots, _ settings: WorkingSetSettings) -> [SensorCatalog.State] {
        SensorCatalog(entries: entries(settings)).states(roots)
    }

    /// Why a method cannot be used; nil where it can. Only reads.
    static func reasonAgainst(
        _ method: IdleHistogram.Method, _ roots: SensorRoots, _ settings: WorkingSetSettings
    ) -> String? {
        switch method {
        case .mglru:
            return GenerationMethod.reasonAgainst(roots, maySwitchOn: settings.maySwitchGenerationsOn)
        case .damon:
            if let reason = DamonTree(roots).reasonAgainst() { return reason }
            return settings.mayUseDAMON ? nil : "the configuration does not allow to start DAMON"
        case .damonStat: return DamonStatistics.reasonAgainst(roots)
        case .refault: return ListSizes.read(roots) == nil ? "/proc/vmstat cannot be read" : nil
        }
    }

    private static func what(_ method: IdleHistogram.Method) -> String {
        switch method {
        case .mglru: "generations of the multi-generational LRU"
        case .damon: "a DAMON context of our own"
        case .damonStat: "the kernel's DAMON_STAT"
        case .refault: "refaults, a bound only"
        }
    }
}
