import Wire

extension Sample {
    /// What an agent says, with something in every field.
    static var wireReport: Report {
        let pressure = PressureReport(
            available: true, some: .init(average10Seconds: 1234, totalMicroseconds: 9), full: .init(average10Seconds: 1)
        )
        return Report(
            uptimeMilliseconds: 5,
            memory: MemoryReport(
                totalBytes: 2 << 30, availableBytes: 1 << 30, nodes: [NodeMemory(node: 0, totalBytes: 2 << 30)],
                directReclaimPages: 3, allocationStalls: 2, balloonInflatedPages: 5, hugePagesTotal: 4,
                hugePagesFree: 1, hugePageBytes: 2 << 20, zswapBytes: 1 << 20, zswappedBytes: 3 << 20),
            pressure: pressure,
            balloon: BalloonReport(
                heldBytes: 1 << 29, targetBytes: 1 << 30, vmBytes: 2 << 30, limit: .cacheFloor, limitDetail: "cache",
                nodes: [NodeBalloon(node: 0, heldBytes: 1 << 29)], cacheFloorBytes: 300 << 20,
                holdMilliseconds: .max, bootGraceMilliseconds: 30_000, pressureReleases: 2, askedBytes: 64 << 20,
                stepBytesPerSecond: 100 << 20, reclaimedBytes: 5 << 20, compactions: 1, floorRaisedBytes: 20 << 20,
                controllerLostMilliseconds: 90_000),
            policy: PolicyState(
                statsPeriodMilliseconds: 4000, deflateOnOom: .pressure, adaptive: true,
                onControllerLoss: .releaseAfter, releaseAfterMilliseconds: 600_000, observeOnly: true,
                statsPeriodByHost: true, minimumPeriodMilliseconds: 1000, maximumPeriodMilliseconds: 60_000),
            prices: PriceList(
                prices: [
                    Price(class: .free, bytes: 100 << 20),
                    Price(class: .cache, bytes: 200 << 20, minimumIdleMilliseconds: 600_000, ageKnown: true),
                    Price(class: .anonymous, bytes: 8 << 20),
                ], reserveBytes: 64 << 20, uptimeMilliseconds: 4),
            workingSet: workingSet,
            top: TopReport(
                consumers: [
                    Consumer(
                        cgroup: "/system.slice/db.service", currentBytes: 3 << 29, anonymousBytes: 1 << 30,
                        fileBytes: 1 << 29, limitBytes: 2 << 30, swapBytes: 1 << 20, pressure: pressure, oomKills: 1,
                        growthBytesPerHour: 90 << 20, shmemBytes: 1 << 20, kernelBytes: 2 << 20),
                    Consumer(cgroup: "/user.slice", currentBytes: 5 << 20),
                ], cgroupVersion: 2,
                leaks: [
                    Leak(
                        cgroup: "/system.slice/db.service", grownBytes: 180 << 20, windowMilliseconds: 7_200_000,
                        bytesPerHour: 90 << 20, detail: "it never shrank")
                ], leftOut: 7),
            sensors: SensorList(sensors: [
                SensorState(name: "psi", available: true, detail: "/proc/pressure/memory"),
                SensorState(name: "working-set-damon", detail: "the kernel has no DAMON"),
            ]))
    }

    static var workingSet: WorkingSetReport {
        WorkingSetReport(
            method: .mglru, confidence: .high, detail: "aged every 10 s",
            buckets: [
                IdleBucket(maximumIdleMilliseconds: 10_000, anonymousBytes: 400 << 20, fileBytes: 100 << 20),
                IdleBucket(
                    minimumIdleMilliseconds: 10_000, maximumIdleMilliseconds: 60_000, anonymousBytes: 1 << 20,
                    fileBytes: 50 << 20),
                IdleBucket(minimumIdleMilliseconds: 300_000, fileBytes: 800 << 20),
            ], workingSetBytes: 500 << 20, windowMilliseconds: 10_000, ageMilliseconds: 4000,
            costMicroseconds: 12_345)
    }
}
