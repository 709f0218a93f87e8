public import Wire

extension GuestReport {
    /// Translates an agent's report; only topics that it carries are there.
    public init(_ report: Report, vm: String?, time: Timestamp) {
        self.init(vm: vm, source: .agent, time: time, uptimeMilliseconds: report.uptimeMilliseconds)
        memory = report.memory.map(GuestMemory.init)
        pressure = report.pressure.map(GuestPressure.init)
        balloon = report.balloon.map(GuestBalloon.init)
        policy = report.policy.map { GuestPolicy($0) }
        prices = report.prices.map { GuestPrices($0) }
        workingSet = report.workingSet.map { GuestWorkingSet($0) }
        top = report.top.map { GuestTop($0) }
        sensors = report.sensors.map { list in
            list.sensors.map { GuestSensor(name: $0.name, available: $0.available, detail: $0.detail) }
        }
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
        case .prices: Query(topics: [.prices])
        case .workingSet: Query(topics: [.workingSet])
        case .top: Query(topics: [.top])
        case .sensors: Query(topics: [.sensors])
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
        cacheFloorBytes = report.cacheFloorBytes
        floorRaisedBytes = report.floorRaisedBytes
        holdMilliseconds = report.holdMilliseconds
        bootGraceMilliseconds = report.bootGraceMilliseconds
        controllerLostMilliseconds = report.controllerLostMilliseconds
        askedBytes = report.askedBytes
        stepBytesPerSecond = report.stepBytesPerSecond
        pressureReleases = report.pressureReleases
        reclaimedBytes = report.reclaimedBytes
        compactions = report.compactions
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
        directReclaimPages = report.directReclaimPages
        allocationStalls = report.allocationStalls
        balloonInflatedPages = report.balloonInflatedPages
        balloonDeflatedPages = report.balloonDeflatedPages
        balloonMigratedPages = report.balloonMigratedPages
        anonymousHugeBytes = report.anonymousHugeBytes
        hugePagesTotal = report.hugePagesTotal
        hugePagesFree = report.hugePagesFree
        hugePageBytes = report.hugePageBytes
        zswapBytes = report.zswapBytes
        zswappedBytes = report.zswappedBytes
        zramBytes = report.zramBytes
        zramStoredBytes = report.zramStoredBytes
        freeHugeBlocksBytes = report.freeHugeBlocksBytes
        dirtyBytes = report.dirtyBytes
        unevictableBytes = report.unevictableBytes
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
