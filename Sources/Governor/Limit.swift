import Wire

/// One bound on the growth of the balloon.
struct Limit {
    let reason: Reason
    /// Bytes by which the balloon may grow before the bound is met.
    let room: UInt64
    /// One sentence with the numbers that led to it; put together only where somebody is told.
    var detail: String { sentence() }

    private let sentence: () -> String

    init(reason: Reason, room: UInt64, detail: @autoclosure @escaping () -> String) {
        self.reason = reason
        self.room = room
        sentence = detail
    }

    /// Kept free beside a step in the zones and the cgroups, in bytes: neither tells exactly what the next
    /// allocation may take.
    static func margin(chunkBytes: UInt64) -> UInt64 { max(16 * ByteSize.mebibyte, chunkBytes) }

    /// Every bound that the memory picture gives, in the order of authority.
    static func all(
        _ configuration: GovernorConfiguration, _ inputs: GovernorInputs, _ cache: CacheView?, _ killers: KillerLine
    ) -> [Limit] {
        [
            floor(configuration, inputs), otherKiller(configuration, inputs, killers), cacheFloor(inputs, cache),
            zone(configuration, inputs), cgroup(inputs), overcommit(configuration, inputs),
        ].compactMap { $0 }
    }

    /// Whether it says what the guest needs for itself, and so outranks hold-offs.
    var isFloor: Bool { reason == .floor || reason == .otherKiller || reason == .cacheFloor }

    private static func floor(_ configuration: GovernorConfiguration, _ inputs: GovernorInputs) -> Limit {
        let floor = configuration.effectiveFloor
        let available = inputs.availableBytes.less(inputs.unpopulatedBytes)
        return Limit(
            reason: .floor, room: available.less(floor),
            detail: "\(ByteSize.format(available)) available, and \(ByteSize.format(floor)) must stay available")
    }

    private static func otherKiller(
        _ configuration: GovernorConfiguration, _ inputs: GovernorInputs, _ killers: KillerLine
    ) -> Limit? {
        guard killers.near > 0 else { return nil }
        let available = inputs.availableBytes.less(inputs.unpopulatedBytes)
        // One chunk above the line at which it would come back.
        let kept = killers.near.adding(configuration.chunkBytes)
        return Limit(
            reason: .otherKiller, room: available.less(kept),
            detail: "\(ByteSize.format(available)) available, and \(ByteSize.format(kept)) stay available so that "
                + "\(killers.nearKind.name) ends no program")
    }

    private static func cacheFloor(_ inputs: GovernorInputs, _ cache: CacheView?) -> Limit? {
        guard let cache, cache.protected > 0 else { return nil }
        let available = inputs.availableBytes.less(inputs.unpopulatedBytes)
        let back = cache.raised > 0 ? " (\(ByteSize.format(cache.raised)) came back when it was taken)" : ""
        return Limit(
            reason: .cacheFloor, room: available.less(cache.protected.adding(cache.cushion)),
            detail: "\(ByteSize.format(available)) available, of which \(ByteSize.format(cache.protected)) are page "
                + "cache in use\(back), and \(ByteSize.format(cache.cushion)) must stay available beside it")
    }

    private static func zone(_ configuration: GovernorConfiguration, _ inputs: GovernorInputs) -> Limit? {
        guard inputs.zones.restrictPins else { return nil }
        let margin = margin(chunkBytes: configuration.chunkBytes)
        let headroom = inputs.zones.pinHeadroomBytes.less(inputs.unpinnedBytes)
        return Limit(
            reason: .zone, room: headroom.less(margin),
            detail: "the zones that pinned memory comes from have \(ByteSize.format(headroom)) above their watermarks, "
                + "and \(ByteSize.format(margin)) are kept")
    }

    private static func cgroup(_ inputs: GovernorInputs) -> Limit? {
        guard let allowed = inputs.cgroupHeadroomBytes else { return nil }
        let headroom = allowed.less(inputs.unpopulatedBytes)
        let margin = 16 * ByteSize.mebibyte
        return Limit(
            reason: .cgroupLimit, room: headroom.less(margin),
            detail: "\(ByteSize.format(headroom)) left below the memory limit of the holders' cgroup or an ancestor, "
                + "and \(ByteSize.format(margin)) are kept")
    }

    private static func overcommit(_ configuration: GovernorConfiguration, _ inputs: GovernorInputs) -> Limit? {
        guard let commit = inputs.commit else { return nil }
        let left = commit.limitBytes.less(commit.committedBytes).less(inputs.unpopulatedBytes)
        // Programs must be able to commit what the floor leaves them, in the proportion of the limit to memory.
        let proportion = min(commit.limitBytes, configuration.memoryTotalBytes)
        let share =
            configuration.memoryTotalBytes > 0
            ? configuration.effectiveFloor.scaled(proportion, over: configuration.memoryTotalBytes) : 0
        return Limit(
            reason: .overcommit, room: left.less(share),
            detail: "vm.overcommit_memory=2 leaves \(ByteSize.format(left)) to commit, and \(ByteSize.format(share)) "
                + "are kept for programs")
    }
}
