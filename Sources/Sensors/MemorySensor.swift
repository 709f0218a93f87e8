public import Wire

/// The guest's memory as the host is told.
public enum MemorySensor {
    /// Reads `/proc/meminfo`, `/proc/vmstat` and the nodes. Counters of a vmstat that cannot be read are 0.
    public static func read(_ roots: SensorRoots = SensorRoots()) throws(SensorError) -> MemoryReport {
        report(try MemoryInfo.read(roots), (try? VMStat.read(roots)) ?? VMStat(), NodeSensor.read(roots))
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
        return report
    }
}
