/// What the guest offers to the host.
extension Governor {
    /// What the guest can give now, cheapest first; nothing while it would refuse a target. The sum is never more than
    /// `answer` grants.
    public func prices(inputs: GovernorInputs, now: UInt64) -> GuestPrices {
        guard let view = view(inputs, now: now), let memory = inputs.memory ?? picture else {
            return GuestPrices(lines: [], reserveBytes: CacheView.usualReserve(configuration.memoryTotalBytes))
        }
        let limits = grants(inputs, now: now)
        let isRefused = refusal(limits, inputs, now: now) != nil
        var left = isRefused ? 0 : limits.reduce(UInt64.max) { min($0, $1.room) }
        var lines: [GuestPrice] = []
        func add(_ kind: GuestPrice.Kind, _ node: UInt32, _ bytes: UInt64, idle: UInt64, known: Bool) {
            let part = min(bytes, left)
            guard part > 0 else { return }
            left -= part
            lines.append(GuestPrice(kind: kind, node: node, bytes: part, minimumIdle: idle, ageKnown: known))
        }
        for node in Self.free(view.free, memory.nodes) {
            add(.free, node.node, node.freeBytes, idle: 0, known: false)
        }
        let old = (view.ages?.buckets ?? []).filter { $0.minimumIdle >= configuration.cache.coldAge }
            .sorted { $0.minimumIdle > $1.minimumIdle }
        var cold = view.cold
        for bucket in old {
            let bytes = min(cold, bucket.fileBytes.adding(bucket.unknownBytes))
            cold -= bytes
            add(.cache, bucket.node, bytes, idle: bucket.minimumIdle, known: true)
        }
        add(.cache, 0, view.unknown, idle: 0, known: false)
        var swappable = sellableAnonymous(view, memory)
        for bucket in old {
            let bytes = min(swappable, bucket.anonymousBytes)
            swappable -= bytes
            add(.anonymous, bucket.node, bytes, idle: bucket.minimumIdle, known: true)
        }
        return GuestPrices(lines: lines, reserveBytes: view.reserve)
    }

    /// Free memory above the reserve, shared among the nodes in proportion to what is free there.
    private static func free(_ bytes: UInt64, _ nodes: [MemoryPicture.Node]) -> [MemoryPicture.Node] {
        let total = nodes.reduce(UInt64(0)) { $0.adding($1.freeBytes) }
        guard total > 0 else { return [MemoryPicture.Node(node: 0, freeBytes: bytes)] }
        return nodes.map { MemoryPicture.Node(node: $0.node, freeBytes: bytes.scaled($0.freeBytes, over: total)) }
    }
}
