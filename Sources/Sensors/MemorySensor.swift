public import Wire

/// The guest's memory as the host is told.
public enum MemorySensor {
    /// Reads `/proc/meminfo`, `/proc/vmstat`, `/proc/buddyinfo`, the zram devices and the nodes. What only the first of
    /// these must tell is 0 where it cannot be read.
    public static func read(_ roots: SensorRoots = SensorRoots()) throws(SensorError) -> MemoryReport {
        var report = report(try MemoryInfo.read(roots), (try? VMStat.read(roots)) ?? VMStat(), NodeSensor.read(roots))
        let zram = SwapInfo.zram(roots)
        report.zramBytes = zram.reduce(0) { $0.adding($1.usedBytes) }
        report.zramStoredBytes = zram.reduce(0) { $0.adding($1.storedBytes) }
        report.freeHugeBlocksBytes = (try? BuddyInfo.read(roots))?.hugeBytes ?? 0
        return report
    }

    static func report(_ info: MemoryInfo, _ stat: VMStat, _ nodes: [NodeMemory]) -> MemoryReport {
        var report = MemoryReport()
        report.totalBytes = info.total
        report.availableBytes = info.available
        report.freeBytes = info.free
        report.cachedBytes = info.cached
        report.buffersBytes = info.buffers
        report.anonymousBytes = info.anonymous
        report.shmemBytes = info.shmem
        report.slabReclaimableBytes = info.slabReclaimable
        report.swapTotalBytes = info.swapTotal
        report.swapFreeBytes = info.swapFree
        report.swapCachedBytes = info.swapCached
        report.refaultAnonymousPages = stat.refaultAnonymous
        report.refaultFilePages = stat.refaultFile
        report.majorFaults = stat.majorFaults
        report.oomKills = stat.oomKills
        report.swappedInPages = stat.swappedIn
        report.swappedOutPages = stat.swappedOut
        report.nodes = nodes
        report.directReclaimPages = stat.directReclaimed
        report.allocationStalls = stat.allocationStalls
        report.balloonInflatedPages = stat.balloonInflated
        report.balloonDeflatedPages = stat.balloonDeflated
        report.balloonMigratedPages = stat.balloonMigrated
        report.anonymousHugeBytes = info.anonymousHuge
        report.hugePagesTotal = info.hugePagesTotal
        report.hugePagesFree = info.hugePagesFree
        report.hugePageBytes = info.hugePageSize
        report.zswapBytes = info.zswap
        report.zswappedBytes = info.zswapped
        report.dirtyBytes = info.dirty
        report.unevictableBytes = info.unevictable
        return report
    }
}
