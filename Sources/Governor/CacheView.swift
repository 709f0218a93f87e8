/// What page cache and free memory are worth at one moment. All in bytes.
struct CacheView {
    /// Free memory that stays, so that the kernel need not reclaim on its own.
    let reserve: UInt64
    /// Free memory above it.
    let free: UInt64
    /// Page cache in use: not for sale.
    let hot: UInt64
    /// Page cache that came back when it was taken: not for sale for a while.
    let raised: UInt64
    /// Page cache that is known to be idle.
    let cold: UInt64
    /// Page cache that was used once, as far as is known.
    let unknown: UInt64
    /// What stays available beside the page cache that is not for sale.
    let cushion: UInt64
    /// The measurement that these follow from.
    let ages: IdleAges?

    /// Page cache that is not for sale.
    var protected: UInt64 { hot.adding(raised) }
    /// Page cache that is.
    var sellable: UInt64 { cold.adding(unknown) }

    init(
        _ picture: MemoryPicture, _ guardian: CacheGuard, _ configuration: GovernorConfiguration,
        _ inputs: GovernorInputs, now: UInt64
    ) {
        let zones = inputs.zones.reduce(UInt64(0)) { $0.adding($1.highBytes) }
        let high = zones > 0 ? zones : picture.highWatermarkBytes
        reserve = high ?? Self.usualReserve(configuration.memoryTotalBytes)
        free = picture.freeBytes.less(inputs.unpopulatedBytes).less(reserve)

        let file = picture.fileBytes
        ages = guardian.usableAges(configuration.cache, now: now)
        var forSale: UInt64
        if let ages {
            forSale = min(
                Self.cold(ages, picture, configuration.cache.coldAge).less(guardian.takenSinceAges), file)
            hot = file.less(forSale)
            // How much is cold is known, so a margin for surprises is enough.
            cushion = configuration.effectiveWatermark.adding(configuration.chunkBytes)
        } else {
            forSale = picture.inactiveFileBytes
            hot = picture.activeFileBytes
            cushion = configuration.effectiveFloor
        }
        raised = min(guardian.raisedBytes(configuration.cache, now: now), forSale)
        forSale = forSale.less(raised)
        cold = ages == nil ? 0 : forSale
        unknown = ages == nil ? forSale : 0
    }

    /// The high watermarks of a guest that did not tell them, roughly.
    static func usualReserve(_ memoryTotalBytes: UInt64) -> UInt64 {
        min(max(memoryTotalBytes / 32, 16 * ByteSize.mebibyte), 256 * ByteSize.mebibyte)
    }

    /// File pages that were idle long enough. Of memory whose kind is not known, only what cannot be anonymous counts.
    private static func cold(_ ages: IdleAges, _ picture: MemoryPicture, _ coldAge: UInt64) -> UInt64 {
        var (file, unknown) = (UInt64(0), UInt64(0))
        for bucket in ages.buckets where bucket.minimumIdle >= coldAge {
            file = file.adding(bucket.fileBytes)
            unknown = unknown.adding(bucket.unknownBytes)
        }
        // Regions of physical memory count free memory as idle, too.
        return file.adding(unknown.less(picture.anonymousBytes).less(picture.freeBytes))
    }
}
