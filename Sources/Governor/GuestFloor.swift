/// How much memory must stay available to the guest whatever the host asks for.
public enum GuestFloor {
    /// The floor that Linux's Hyper-V balloon keeps for a guest of this size (`compute_balloon_floor`), in bytes: half
    /// of a very small guest, a thirty-second part of a large one.
    public static func curve(memoryTotalBytes total: UInt64) -> UInt64 {
        let mebibyte = ByteSize.mebibyte
        switch total {
        case ..<(128 * mebibyte): return 8 * mebibyte + total / 2
        case ..<(512 * mebibyte): return 40 * mebibyte + total / 4
        case ..<(2048 * mebibyte): return 104 * mebibyte + total / 8
        case ..<(8192 * mebibyte): return 232 * mebibyte + total / 16
        default: return 488 * mebibyte + total / 32
        }
    }

    /// The floor in force, in bytes of MemAvailable after a step: the largest of the curve, the configured floor and
    /// the watermark with one chunk above it, so that a step never lands where the balloon must yield again.
    public static func bytes(
        memoryTotalBytes: UInt64, configuredBytes: UInt64, watermarkBytes: UInt64, chunkBytes: UInt64
    ) -> UInt64 {
        max(curve(memoryTotalBytes: memoryTotalBytes), configuredBytes, watermarkBytes.adding(chunkBytes))
    }
}
