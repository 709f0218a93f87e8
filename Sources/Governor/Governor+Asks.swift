import Wire

/// What the guest offers to the host and asks it for.
extension Governor {
    /// What to tell the host, if anything: a new ask, a renewed one, or with 0 bytes its withdrawal. Meant for every
    /// slow look and after each release; `nextAsk` says when one is due without news.
    public mutating func ask(_ inputs: AskInputs, now: UInt64) -> MemoryAsk? {
        deviceBytes = inputs.deviceBytes
        asks.follow(
            availableBytes: inputs.availableBytes, balloonBytes: inputs.balloonBytes,
            total: configuration.memoryTotalBytes,
            settled: !pressureWatch.populatedWithin(configuration.pressure.window, now: now), now: now)
        let givable = inputs.givableBytes
        let need = givable > 0 ? need(inputs, givable, now: now) : nil
        let holdFor = max(configuration.ask.hold, trouble.lasts(now: now) ? holdOffRemaining(now: now) : 0)
        guard let ask = asks.update(need, holdFor: holdFor, configuration.ask, now: now) else { return nil }
        history.note(
            ask.bytes > 0 ? .ask : .withdraw, ask.reason, bytes: ask.bytes, available: inputs.availableBytes, now: now)
        return ask
    }

    /// When `ask` should be called even if nothing happens; nil while nothing is asked for.
    public var nextAsk: UInt64? { asks.next(configuration.ask) }

    /// The ask that the host has, in bytes; 0 without one.
    public var askedBytes: UInt64 { asks.bytes }

    /// The most pressing need.
    private func need(_ inputs: AskInputs, _ givable: UInt64, now: UInt64) -> AskBook.Need? {
        let available = inputs.availableBytes
        let urgent = available < watermark || available < killers.close
        let ahead = inputs.aheadBytes
        // A little above the floor, so that the need does not come back at once.
        let missing = floor.less(available).adding(floor / 4).adding(ahead)
        if trouble.lasts(now: now) {
            // With a target, what was released is what the guest is ahead of it, until the host raises it.
            let released = inputs.targetBytes == nil ? trouble.bytes : ahead
            let bytes = min(max(released, available < floor ? missing : 0), givable)
            return AskBook.Need(
                bytes: bytes, reason: trouble.reason, urgent: urgent || trouble.urgent,
                detail: "\(ByteSize.format(trouble.bytes)) of the balloon had to be released (\(trouble.reason)); "
                    + "\(ByteSize.format(available)) are available")
        }
        // The balloon stops at the floor, so a little below it is no need yet.
        let line = asks.isStanding ? floor : floor - floor / 16
        if available < line {
            return AskBook.Need(
                bytes: min(missing, givable), reason: urgent ? .watermark : .floor, urgent: urgent,
                detail: "\(ByteSize.format(available)) available, and the guest's floor is \(ByteSize.format(floor))")
        }
        let grown = asks.growth.scaled(configuration.ask.horizon, over: DurationText.second)
        guard grown > 0, available.less(grown) < watermark else { return nil }
        return AskBook.Need(
            bytes: min(grown.adding(floor).less(available).adding(ahead), givable), reason: .demand, urgent: false,
            detail: "programs take \(ByteSize.format(asks.growth)) a second, and \(ByteSize.format(available)) are "
                + "available")
    }
}
