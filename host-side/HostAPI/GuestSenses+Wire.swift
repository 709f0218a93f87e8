public import Wire

extension GuestPrices {
    /// Translates an agent's price list.
    public init(_ list: PriceList) {
        self.init(
            reserveBytes: list.reserveBytes, uptimeMilliseconds: list.uptimeMilliseconds,
            prices: list.prices.map {
                GuestPrice(
                    class: $0.class.name, node: $0.node, bytes: $0.bytes,
                    minimumIdleMilliseconds: $0.ageKnown ? $0.minimumIdleMilliseconds : nil)
            })
    }
}

extension GuestWorkingSet {
    /// Translates an agent's measurement.
    public init(_ report: WorkingSetReport) {
        self.init(
            method: report.method == .unspecified ? nil : report.method.name,
            confidence: report.confidence == .unspecified ? nil : report.confidence.name, detail: report.detail,
            workingSetBytes: report.workingSetBytes, windowMilliseconds: report.windowMilliseconds,
            ageMilliseconds: report.ageMilliseconds, costMicroseconds: report.costMicroseconds,
            buckets: report.buckets.map {
                GuestIdleBucket(
                    node: $0.node, minimumIdleMilliseconds: $0.minimumIdleMilliseconds,
                    maximumIdleMilliseconds: $0.maximumIdleMilliseconds == 0 ? nil : $0.maximumIdleMilliseconds,
                    anonymousBytes: $0.anonymousBytes, fileBytes: $0.fileBytes, unknownBytes: $0.unknownBytes)
            })
    }
}

extension GuestTop {
    /// Translates an agent's list.
    public init(_ report: TopReport) {
        self.init(
            cgroupVersion: report.cgroupVersion == 0 ? nil : report.cgroupVersion,
            consumers: report.consumers.map { GuestConsumer($0) }, leftOut: report.leftOut,
            leaks: report.leaks.map {
                GuestLeak(
                    cgroup: $0.cgroup.isEmpty ? nil : $0.cgroup, grownBytes: $0.grownBytes,
                    windowMilliseconds: $0.windowMilliseconds, bytesPerHour: $0.bytesPerHour, detail: $0.detail)
            })
    }
}

extension GuestConsumer {
    /// Translates an agent's entry.
    public init(_ consumer: Consumer) {
        self.init(cgroup: consumer.cgroup, currentBytes: consumer.currentBytes)
        anonymousBytes = consumer.anonymousBytes
        fileBytes = consumer.fileBytes
        shmemBytes = consumer.shmemBytes
        kernelBytes = consumer.kernelBytes
        swapBytes = consumer.swapBytes
        limitBytes = consumer.limitBytes == 0 ? nil : consumer.limitBytes
        pressure = consumer.pressure.map { GuestPressure($0) }
        oomKills = consumer.oomKills
        growthBytesPerHour = consumer.growthBytesPerHour == 0 ? nil : consumer.growthBytesPerHour
    }
}

extension GuestAsk {
    /// Translates a guest's ask; nil where it withdraws one. A time to stand that is longer than a day counts as one:
    /// a guest that stopped asking must not be heeded for ever.
    public init?(_ ask: Ask, time: Timestamp) {
        guard ask.bytes > 0 else { return nil }
        let stands = Int64(min(ask.holdMilliseconds, 86_400_000))
        self.init(
            bytes: ask.bytes, reason: Explanation(ask.reason, detail: String(ask.detail.prefix(512))),
            urgent: ask.urgent, time: time, expires: Timestamp(milliseconds: time.milliseconds + stands))
    }
}

extension GuestEvent {
    /// Translates an agent's event.
    public init(_ event: Event, time: Timestamp) {
        self.init(
            time: time, kind: event.kind.name, message: event.detail.isEmpty ? event.kind.name : event.detail,
            reason: event.reason == .noReason ? nil : event.reason.name, bytes: event.bytes == 0 ? nil : event.bytes,
            uptimeMilliseconds: event.uptimeMilliseconds)
    }
}
