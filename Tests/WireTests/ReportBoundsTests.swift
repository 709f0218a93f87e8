import Testing
import Wire

@Suite("The bounds that the schema names")
struct ReportBoundsTests {
    /// A report on every topic whose lists and texts are as long as the schema permits and whose numbers are as large as
    /// a guest's can be: 2⁵² bytes, counters of 2⁶³.
    private static var longest: Report {
        let (bytes, count, node): (UInt64, UInt64, UInt32) = (1 << 52, 1 << 63, 1023)
        let text = String(repeating: "x", count: 256)
        let stall = PressureReport.Stall(
            average10Seconds: 10_000, average60Seconds: 10_000, average300Seconds: 10_000, totalMicroseconds: count)
        let pressure = PressureReport(available: true, some: stall, full: stall)
        var report = Report(uptimeMilliseconds: bytes)
        report.memory = MemoryReport(
            totalBytes: bytes, availableBytes: bytes, freeBytes: bytes, cachedBytes: bytes, buffersBytes: bytes,
            anonymousBytes: bytes, shmemBytes: bytes, slabReclaimableBytes: bytes, swapTotalBytes: bytes,
            swapFreeBytes: bytes, swapCachedBytes: bytes, refaultAnonymousPages: count, refaultFilePages: count,
            majorFaults: count, oomKills: count, swappedInPages: count, swappedOutPages: count,
            nodes: [NodeMemory](
                repeating: NodeMemory(
                    node: node, totalBytes: bytes, freeBytes: bytes, fileBytes: bytes, anonymousBytes: bytes),
                count: 32),
            directReclaimPages: count, allocationStalls: count, balloonInflatedPages: count,
            balloonDeflatedPages: count, balloonMigratedPages: count, anonymousHugeBytes: bytes,
            hugePagesTotal: count, hugePagesFree: count, hugePageBytes: bytes, zswapBytes: bytes,
            zswappedBytes: bytes, zramBytes: bytes, zramStoredBytes: bytes, freeHugeBlocksBytes: bytes,
            dirtyBytes: bytes, unevictableBytes: bytes)
        report.pressure = pressure
        report.balloon = BalloonReport(
            heldBytes: bytes, limit: .leak, limitDetail: text,
            nodes: [NodeBalloon](repeating: NodeBalloon(node: node, heldBytes: bytes), count: 32))
        report.policy = PolicyState(statsPeriodMilliseconds: bytes, deflateOnOom: .pressure)
        report.prices = PriceList(
            prices: [Price](
                repeating: Price(
                    class: .anonymous, node: node, bytes: bytes, minimumIdleMilliseconds: bytes, ageKnown: true),
                count: 128), reserveBytes: bytes, uptimeMilliseconds: bytes)
        report.workingSet = WorkingSetReport(
            method: .mglru, confidence: .high, detail: text,
            buckets: [IdleBucket](
                repeating: IdleBucket(
                    minimumIdleMilliseconds: bytes, maximumIdleMilliseconds: bytes, anonymousBytes: bytes,
                    fileBytes: bytes, node: node, unknownBytes: bytes), count: 128))
        report.top = TopReport(
            consumers: [Consumer](
                repeating: Consumer(
                    cgroup: text, currentBytes: bytes, anonymousBytes: bytes, fileBytes: bytes, limitBytes: bytes,
                    swapBytes: bytes, pressure: pressure, oomKills: count, growthBytesPerHour: bytes,
                    shmemBytes: bytes, kernelBytes: bytes), count: 64),
            cgroupVersion: 2,
            leaks: [Leak](
                repeating: Leak(
                    cgroup: text, grownBytes: bytes, windowMilliseconds: bytes, bytesPerHour: bytes, detail: text),
                count: 16), leftOut: .max)
        report.sensors = SensorList(
            sensors: [SensorState](
                repeating: SensorState(name: String(repeating: "n", count: 64), available: true, detail: text),
                count: 32))
        return report
    }

    @Test("A report on every topic, each list and text as long as may be, fits a frame")
    func fits() throws {
        let payload = ToHost(inReplyTo: .max, message: .report(Self.longest)).encoded()
        #expect(payload.count <= Frame.maximumPayload, "\(payload.count) bytes")
        #expect(Frame(kind: .data, session: 1, payload: payload).encoded() != nil)
    }
}
