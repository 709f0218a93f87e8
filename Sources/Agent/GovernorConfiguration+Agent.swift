public import Governor

extension GovernorConfiguration {
    /// What the agent's configuration and the guest say.
    /// - Parameters:
    ///   - configuration: the guest's own.
    ///   - policies: those in force.
    ///   - memoryTotalBytes: MemTotal.
    ///   - processors: online ones.
    ///   - reclaim: what the kernel offers to reclaim with.
    public init(
        _ configuration: AgentConfiguration, policies: Policies, memoryTotalBytes: UInt64, processors: Int,
        reclaim support: ReclaimRules.Support
    ) {
        var reclaim = configuration.reclaim
        reclaim.support = support
        var cache = configuration.cache
        // A measurement counts until the second one after it is late.
        let threePeriods = configuration.sensors.workingSetPeriod.multipliedReportingOverflow(by: 3)
        cache.agesValid = max(cache.agesValid, threePeriods.overflow ? .max : threePeriods.partialValue)
        var ask = AskRules()
        ask.hold = configuration.askHold
        self.init(
            memoryTotalBytes: memoryTotalBytes, processors: processors, chunkBytes: configuration.chunkBytes,
            floorBytes: configuration.floorBytes, watermarkBytes: configuration.watermarkBytes,
            fillRate: configuration.fillRate, holdOff: configuration.holdOff,
            holdOffAfterOOM: configuration.holdOffAfterOOM, deflateOnOom: policies.deflateOnOom,
            bootGrace: configuration.bootGrace, holders: configuration.holders,
            inflateRate: configuration.inflateRate, pressure: configuration.pressure, cache: cache,
            reclaim: reclaim, ask: ask)
    }
}

extension PolicyBook {
    /// When reports are sent, as the governor's schedule has it.
    public var statsPolicy: StatsSchedule.Policy {
        let policies = policies
        if policies.adaptive {
            return .adaptive(
                shortest: adaptivePeriod.lowerBound * DurationText.millisecond,
                longest: adaptivePeriod.upperBound * DurationText.millisecond)
        }
        let (period, overflow) = policies.statsPeriodMilliseconds
            .multipliedReportingOverflow(by: DurationText.millisecond)
        return period == 0 ? .never : .fixed(overflow ? .max : period)
    }
}
