/// The headroom watermark: below it every byte of the balloon goes back to the guest at once.
///
/// Between two looks a program may allocate at memory speed. The watermark therefore covers what the guest can take
/// from one look until the memory is back: the shortest time between looks, the agent's wake-up and the release.
public enum Watermark {
    /// Fastest plausible allocation of one virtual processor, in bytes a second, unless configured.
    public static let defaultFillRate: UInt64 = 2 * ByteSize.gibibyte
    /// Shortest time between two looks, in nanoseconds.
    public static let shortestLook: UInt64 = 10 * DurationText.millisecond
    /// Longest time between two looks, in nanoseconds.
    public static let longestLook: UInt64 = DurationText.second
    /// Allowance for the agent to run once its timer is due, in nanoseconds.
    public static let wakeUp: UInt64 = 5 * DurationText.millisecond
    /// Allowance for the first released memory to be usable, in nanoseconds.
    public static let release: UInt64 = 10 * DurationText.millisecond

    /// The least watermark of a guest, in bytes: 64 MiB or 3 % of its memory, whichever is more.
    public static func least(memoryTotalBytes: UInt64) -> UInt64 {
        max(64 * ByteSize.mebibyte, memoryTotalBytes.scaled(3, over: 100))
    }

    /// The watermark in bytes of MemAvailable.
    ///
    /// The part that follows from the allocation rate is capped at a quarter of the guest's memory. Without the cap a
    /// guest of 2 GiB with 64 processors would have a watermark of 3.2 GiB and could give nothing, while so small a
    /// memory cannot keep all of its processors allocating at full rate for long: what the cap leaves uncovered falls
    /// to the kernel's OOM killer, which finds the holders first. The least watermark is not capped.
    public static func bytes(memoryTotalBytes: UInt64, processors: Int, fillRate: UInt64 = defaultFillRate) -> UInt64 {
        let rate = fillRate.times(UInt64(clamping: max(1, processors)))
        let taken = rate.scaled(shortestLook + wakeUp + release, over: DurationText.second)
        return max(least(memoryTotalBytes: memoryTotalBytes), min(taken, memoryTotalBytes / 4))
    }

    /// Nanoseconds until the next look is due: the time in which all processors together could allocate what is
    /// available above the watermark, between 10 ms and 1 s.
    public static func nextLook(
        availableBytes: UInt64, watermarkBytes: UInt64, processors: Int, fillRate: UInt64 = defaultFillRate
    ) -> UInt64 {
        let rate = fillRate.times(UInt64(clamping: max(1, processors)))
        let time = availableBytes.less(watermarkBytes).scaled(DurationText.second, over: rate)
        return min(max(time, shortestLook), longestLook)
    }
}
