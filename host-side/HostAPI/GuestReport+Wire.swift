public import Wire

extension GuestReport {
    /// Translates an agent's report; only topics that it carries are there.
    public init(_ report: Report, vm: String?, time: Timestamp) {
        self.init(vm: vm, source: .agent, time: time, uptimeMilliseconds: report.uptimeMilliseconds)
        memory = report.memory.map(GuestMemory.init)
        pressure = report.pressure.map(GuestPressure.init)
        balloon = report.balloon.map(GuestBalloon.init)
        policy = report.policy.map(GuestPolicy.init)
    }
}

extension GuestTopic {
    /// The query that asks for this topic.
    public var query: Query {
        switch self {
        case .memory: Query(topics: [.memory])
        case .balloon: Query(topics: [.balloon])
        case .pressure: Query(topics: [.pressure])
        case .policy: Query(topics: [.policy])
        case .all: Query(topics: [])
        }
    }
}

extension Explanation {
    /// Translates a reason and its sentence; nil where there is none.
    public init?(_ reason: Reason, detail: String) {
        guard reason != .noReason else { return nil }
        self.init(code: reason.name, message: detail.isEmpty ? reason.name : detail)
    }
}

extension GuestPolicy {
    /// Translates the policies that an agent says are in force.
    public init(_ state: PolicyState) {
        self.init(
            statsPeriodMilliseconds: state.statsPeriodMilliseconds,
            deflateOnOom: DeflateOnOomPolicy(state.deflateOnOom))
    }
}

extension DeflateOnOomPolicy {
    /// Translates the agent's value; one that this version does not know counts as `oom`, the default.
    public init(_ value: DeflateOnOom) {
        switch value {
        case .off: self = .off
        case .pressure: self = .pressure
        default: self = .oom
        }
    }

    /// The value as the agent knows it.
    public var wire: DeflateOnOom {
        switch self {
        case .off: .off
        case .oom: .oom
        case .pressure: .pressure
        }
    }
}

extension GuestPolicyChange {
    /// The change as the agent knows it.
    public var wire: SetPolicy {
        SetPolicy(statsPeriodMilliseconds: statsPeriodMilliseconds, deflateOnOom: deflateOnOom?.wire)
    }
}

extension GuestPressure {
    /// Translates the agent's report.
    public init(_ report: PressureReport) {
        self.init(
            available: report.available, some: report.some.map(Stall.init) ?? Stall(),
            full: report.full.map(Stall.init) ?? Stall())
    }
}

extension GuestPressure.Stall {
    /// Translates the agent's report.
    public init(_ stall: PressureReport.Stall) {
        self.init(
            avg10Percent: Double(stall.average10Seconds) / 100, avg60Percent: Double(stall.average60Seconds) / 100,
            avg300Percent: Double(stall.average300Seconds) / 100, totalMicroseconds: stall.totalMicroseconds)
    }
}

extension GuestBalloon {
    /// Translates the agent's report.
    public init(_ report: BalloonReport) {
        heldBytes = report.heldBytes
        inFlightBytes = report.inFlightBytes
        quarantinedBytes = report.quarantinedBytes
        // 0 says that no target was set; a target of 0 bytes comes with the VM's size.
        targetBytes = report.vmBytes == 0 && report.targetBytes == 0 ? nil : report.targetBytes
        vmBytes = report.vmBytes == 0 ? nil : report.vmBytes
        limit = Explanation(report.limit, detail: report.limitDetail)
        holdOffMilliseconds = report.holdOffMilliseconds
        holders = report.holders
        floorBytes = report.floorBytes
        watermarkBytes = report.watermarkBytes
        offeredBytes = report.offeredBytes
        discardedBytes = report.discardedBytes
        releasedBytes = report.releasedBytes
        emergencyReleases = report.emergencyReleases
        holdersDied = report.holdersDied
        movedBytes = report.movedBytes
        fragmentedBytes = report.fragmentedBytes
        refusedChunks = report.refusedChunks
        nodes = report.nodes.map { GuestBalloonNode(node: $0.node, heldBytes: $0.heldBytes) }
    }
}

extension GuestMemory {
    /// Translates the agent's report.
    public init(_ report: MemoryReport) {
        totalBytes = report.totalBytes
        availableBytes = report.availableBytes
        freeBytes = report.freeBytes
        cachedBytes = report.cachedBytes
        buffersBytes = report.buffersBytes
        anonymousBytes = report.anonymousBytes
        shmemBytes = report.shmemBytes
        slabReclaimableBytes = report.slabReclaimableBytes
        swapTotalBytes = report.swapTotalBytes
        swapFreeBytes = report.swapFreeBytes
        swapCachedBytes = report.swapCachedBytes
        refaultAnonymousPages = report.refaultAnonymousPages
        refaultFilePages = report.refaultFilePages
        majorFaults = report.majorFaults
        oomKills = report.oomKills
        swappedInPages = report.swappedInPages
        swappedOutPages = report.swappedOutPages
        nodes = report.nodes.map {
            GuestMemoryNode(
                node: $0.node, totalBytes: $0.totalBytes, freeBytes: $0.freeBytes, fileBytes: $0.fileBytes,
                anonymousBytes: $0.anonymousBytes)
        }
    }
}

extension TargetOutcome {
    /// Translates the guest's answer to a target; nil where the outcome is none that this version knows.
    public init?(_ answer: TargetAnswer, time: Timestamp) {
        let word: Answer
        switch answer.outcome {
        case .accepted: word = .accepted
        case .partly: word = .partly
        case .refused: word = .refused
        default: return nil
        }
        self.init(
            answer: word, targetBytes: answer.targetBytes, reachableBytes: answer.reachableBytes,
            reason: Explanation(answer.reason, detail: answer.detail), time: time)
    }
}
