import Wire

extension Report: Sampled {
    static func sample(_ dice: inout Dice) -> Report {
        Report(
            uptimeMilliseconds: dice.number64(), memory: dice.perhaps { .sample(&$0) },
            pressure: dice.perhaps { .sample(&$0) }, balloon: dice.perhaps { .sample(&$0) },
            policy: dice.perhaps { .sample(&$0) }, prices: dice.perhaps { .sample(&$0) },
            workingSet: dice.perhaps { .sample(&$0) }, top: dice.perhaps { .sample(&$0) },
            sensors: dice.perhaps { .sample(&$0) })
    }
}

extension MemoryReport: Sampled {
    static func sample(_ dice: inout Dice) -> MemoryReport {
        MemoryReport(
            totalBytes: dice.number64(), availableBytes: dice.number64(), freeBytes: dice.number64(),
            cachedBytes: dice.number64(), buffersBytes: dice.number64(), anonymousBytes: dice.number64(),
            shmemBytes: dice.number64(), slabReclaimableBytes: dice.number64(), swapTotalBytes: dice.number64(),
            swapFreeBytes: dice.number64(), swapCachedBytes: dice.number64(),
            refaultAnonymousPages: dice.number64(), refaultFilePages: dice.number64(),
            majorFaults: dice.number64(), oomKills: dice.number64(), swappedInPages: dice.number64(),
            swappedOutPages: dice.number64(), nodes: dice.some(4) { .sample(&$0) },
            directReclaimPages: dice.number64(), allocationStalls: dice.number64(),
            balloonInflatedPages: dice.number64(), balloonDeflatedPages: dice.number64(),
            balloonMigratedPages: dice.number64(), anonymousHugeBytes: dice.number64(),
            hugePagesTotal: dice.number64(), hugePagesFree: dice.number64(), hugePageBytes: dice.number64(),
            zswapBytes: dice.number64(), zswappedBytes: dice.number64(), zramBytes: dice.number64(),
            zramStoredBytes: dice.number64(), freeHugeBlocksBytes: dice.number64(), dirtyBytes: dice.number64(),
            unevictableBytes: dice.number64())
    }
}

extension NodeMemory: Sampled {
    static func sample(_ dice: inout Dice) -> NodeMemory {
        NodeMemory(
            node: dice.number32(), totalBytes: dice.number64(), freeBytes: dice.number64(),
            fileBytes: dice.number64(), anonymousBytes: dice.number64())
    }
}

extension PressureReport: Sampled {
    static func sample(_ dice: inout Dice) -> PressureReport {
        PressureReport(
            available: dice.flag(), some: dice.perhaps { .sample(&$0) }, full: dice.perhaps { .sample(&$0) })
    }
}

extension PressureReport.Stall: Sampled {
    static var schemaName: String { "PressureReport.Stall" }

    static func sample(_ dice: inout Dice) -> PressureReport.Stall {
        PressureReport.Stall(
            average10Seconds: dice.number32(), average60Seconds: dice.number32(),
            average300Seconds: dice.number32(), totalMicroseconds: dice.number64())
    }
}

extension BalloonReport: Sampled {
    static func sample(_ dice: inout Dice) -> BalloonReport {
        BalloonReport(
            heldBytes: dice.number64(), inFlightBytes: dice.number64(), quarantinedBytes: dice.number64(),
            targetBytes: dice.number64(), vmBytes: dice.number64(), limit: .sample(&dice), limitDetail: dice.text(),
            holdOffMilliseconds: dice.number64(), holders: dice.number32(), floorBytes: dice.number64(),
            watermarkBytes: dice.number64(), offeredBytes: dice.number64(), discardedBytes: dice.number64(),
            releasedBytes: dice.number64(), emergencyReleases: dice.number64(), holdersDied: dice.number64(),
            movedBytes: dice.number64(), refusedChunks: dice.number64(), nodes: dice.some(4) { .sample(&$0) },
            fragmentedBytes: dice.number64(), cacheFloorBytes: dice.number64(), holdMilliseconds: dice.number64(),
            bootGraceMilliseconds: dice.number64(), pressureReleases: dice.number64(), askedBytes: dice.number64(),
            stepBytesPerSecond: dice.number64(), reclaimedBytes: dice.number64(), compactions: dice.number64(),
            floorRaisedBytes: dice.number64(), controllerLostMilliseconds: dice.number64())
    }
}

extension NodeBalloon: Sampled {
    static func sample(_ dice: inout Dice) -> NodeBalloon {
        NodeBalloon(node: dice.number32(), heldBytes: dice.number64())
    }
}
