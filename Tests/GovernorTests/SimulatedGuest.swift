import Governor

private let mebibyte = ByteSize.mebibyte

/// A guest's memory as a discrete model: programs, page cache of which a part is in use, swap, a kernel that reclaims
/// and kills. Bytes; what a program waits for is counted as PSI does.
struct SimulatedGuest {
    let total: UInt64
    /// The kernel's own.
    var kernel: UInt64 = 60 * mebibyte
    /// What programs want to have in memory, and have there.
    var wanted: UInt64 = 200 * mebibyte
    var anonymous: UInt64 = 0
    /// How fast programs can take memory, in bytes a second.
    var takeRate: UInt64 = 4 * ByteSize.gibibyte
    /// The working set of files, and how much of it is in memory.
    var hotWanted: UInt64 = 0
    var hot: UInt64 = 0
    /// Every byte of the working set, files or swapped memory, is used once in this many nanoseconds.
    var period: UInt64 = 5 * DurationText.second
    /// Files that nobody uses, and since when.
    var cold: UInt64 = 0
    var coldSince: UInt64 = 0
    /// How much of what the kernel evicts it picks blindly, whether in use or not, in hundredths.
    var imprecision: UInt64 = 1
    /// Whether the kernel has the working set on its active list.
    var hotIsActive = true
    var swapTotal: UInt64 = 0
    var swapped: UInt64 = 0

    /// The balloon.
    var held: UInt64 = 0
    var holders: UInt64 = 4
    /// Whether the OOM killer may take holders.
    var holdersAreVictims = true

    // Counters since boot.
    var refaultFile: UInt64 = 0
    var swappedIn: UInt64 = 0
    var kills: UInt64 = 0
    /// Programs that were killed, holders not counted.
    var innocents: UInt64 = 0
    /// Kills of programs while a balloon was there.
    var needless: UInt64 = 0
    var stall: Double = 0
    var ownStall: Double = 0

    /// The zones' high watermarks, and where an allocation has to reclaim.
    var high: UInt64 { total / 64 }
    var low: UInt64 { total / 128 }

    init(total: UInt64) { self.total = total }

    var used: UInt64 { kernel + anonymous + hot + cold + held }
    var free: UInt64 { total > used ? total - used : 0 }
    var file: UInt64 { hot + cold }
    var available: UInt64 {
        let sum = free + file
        let kept = high + min(file / 2, low)
        return sum > kept ? sum - kept : 0
    }

    var picture: MemoryPicture {
        MemoryPicture(
            availableBytes: available, freeBytes: free, activeFileBytes: hotIsActive ? hot : 0,
            inactiveFileBytes: hotIsActive ? cold : file, anonymousBytes: anonymous, swapTotalBytes: swapTotal,
            swapFreeBytes: swapTotal - swapped, highWatermarkBytes: high, refaultFilePages: refaultFile,
            refaultAnonymousPages: swappedIn, swappedInPages: swappedIn)
    }

    func ages(now: UInt64) -> IdleAges {
        IdleAges(
            buckets: [
                .init(minimumIdle: 0, anonymousBytes: anonymous, fileBytes: hot),
                .init(minimumIdle: now - min(now, coldSince), fileBytes: cold),
            ], method: .generations, confidence: .high, measuredAt: now)
    }

    /// Makes room and takes it; false where that cost a program its life.
    mutating func take(_ bytes: UInt64) -> Bool {
        while free < bytes + low {
            let missing = bytes + low - free
            if evict(missing) > 0 { continue }
            if swap(missing) { continue }
            kills += 1
            if held > 0, holdersAreVictims {
                held -= min(held, max(held / holders, 2 * mebibyte))
                continue
            }
            innocents += 1
            if held > 0 { needless += 1 }
            anonymous /= 2
            wanted = anonymous
            return false
        }
        return true
    }

    /// Evicts page cache, the unused first but for the kernel's errors; the bytes.
    mutating func evict(_ bytes: UInt64) -> UInt64 {
        guard file > 0 else { return 0 }
        let blind = UInt64(Double(bytes) * Double(imprecision) / 100 * Double(hot) / Double(file))
        let fromHot = min(hot, max(blind, bytes - min(bytes, cold)))
        let fromCold = min(cold, bytes - min(bytes, fromHot))
        hot -= fromHot
        cold -= fromCold
        return fromHot + fromCold
    }

    private mutating func swap(_ bytes: UInt64) -> Bool {
        let part = min(bytes, anonymous / 2, swapTotal - swapped)
        guard part > 0 else { return false }
        anonymous -= part
        swapped += part
        stall += Double(part / 4096) * 50
        return true
    }

    /// Programs run for `time` nanoseconds.
    mutating func run(_ time: UInt64) {
        if anonymous + swapped < wanted {
            let step = min(wanted - anonymous - swapped, takeRate / 1000 * (time / 1_000_000))
            if take(step) { anonymous += step }
        } else if anonymous + swapped > wanted {
            let swappedPart = min(swapped, anonymous + swapped - wanted)
            swapped -= swappedPart
            anonymous -= min(anonymous, anonymous + swapped - wanted)
        }
        // What was evicted and is used again is read again, a tenth of a millisecond each page.
        let back = min(hotWanted - min(hot, hotWanted), hotWanted) / max(period / time, 1)
        if back > 0, take(back) {
            hot += back
            refaultFile += back / 4096
            stall += Double(back / 4096) * 100
        }
        let paged = swapped / max(period / time, 1)
        if paged > 4096, take(paged) {
            swapped -= min(paged, swapped)
            anonymous += paged
            swappedIn += paged / 4096
            stall += Double(paged / 4096) * 100
        }
    }
}
