import Linux
import SystemPackage

/// The working set from the multi-generational LRU: `lru_gen` in debugfs, aged by the agent.
///
/// What mm/vmscan.c of 6.1 and 6.12 does, and what follows:
/// - `+ memcg node max_gen can_swap force_scan` walks the page tables of the cgroup's processes, moves what has its
///   accessed bit set into generation `max_gen`, and opens the next. `can_swap` is always 1, else anonymous memory and
///   anonymous pages in file mappings are not looked at. `force_scan` is always 1, else the walk follows a Bloom
///   filter of page tables that were dense before, and four generations answer ERANGE; with it the oldest generation
///   is merged into the next.
/// - Cache used through file descriptors keeps its generation, whatever is read: see `CacheAges`.
/// - A walk only moves pages charged to the cgroup whose processes it walks, and leaves out mappings advised as
///   MADV_RANDOM or MADV_SEQUENTIAL. Such pages look idle while they are used. Nothing tells how many they are.
/// - Locked memory, the holders' too, is not in any generation.
struct GenerationMethod: Sendable {
    /// Why the agent only reads; nil where it ages.
    private(set) var obstacle: String?
    private var clock: AgingClock
    private var history: AgeHistory
    private var cache: CacheAges?
    private let frames: UInt64
    private let roots: SensorRoots

    /// - Parameters:
    ///   - samples: How many places of memory are looked at for cache that nobody maps, 8 frames at each.
    ///   - obstacle: Why the agent may not age.
    init(_ roots: SensorRoots, schedule: AgingSchedule, samples: Int, seed: UInt64, obstacle: String? = nil) {
        self.roots = roots
        self.obstacle = obstacle
        clock = AgingClock(schedule)
        history = AgeHistory(edges: schedule.edges, lifetime: schedule.length.multiplied(2))
        // Reading alone clears no flags, so that they would say nothing.
        let memory = obstacle == nil ? PhysicalMemory.read(roots) : nil
        frames = memory?.frameCount ?? 0
        let starts = memory?.sample(samples, size: UInt64(CacheAges.frames), seed: seed) ?? []
        cache = starts.isEmpty ? nil : CacheAges(starts: starts)
    }

    /// When the next aging is due, in nanoseconds; nil: at once, or never.
    var due: UInt64? { obstacle == nil ? clock.due : nil }

    /// Why this kernel's generations cannot be used; nil where they can.
    static func reasonAgainst(_ roots: SensorRoots, maySwitchOn: Bool) -> String? {
        guard let settings = LRUGenSettings.read(roots) else { return "the kernel has no multi-generational LRU" }
        guard settings.datesMemory || maySwitchOn else {
            return "the multi-generational LRU is off (/sys/kernel/mm/lru_gen/enabled is "
                + "\(settings.enabled)), and the configuration does not allow to switch it on"
        }
        do throws(SensorError) {
            _ = try read(roots)
            return nil
        } catch {
            return error.description
        }
    }

    /// Why the agent cannot age; nil where it can. Only opens the file.
    static func obstacleToAging(_ roots: SensorRoots) -> String? {
        let path = roots.debug.appending("lru_gen")
        do {
            try FileDescriptor.open(path, .writeOnly, options: .closeOnExec).close()
            return nil
        } catch {
            return "\(path) cannot be written: \(error)"
        }
    }

    /// Ages where it is time, and reads.
    mutating func measure(_ now: UInt64) throws(SensorError) -> IdleHistogram {
        var vectors = try Self.read(roots)
        if obstacle == nil, clock.isDue(now) {
            let aged = vectors.filter(AgingClock.mayAge)
            observeCache(now)
            age(aged)
            if obstacle == nil {
                // Whatever is not aged now would be at the next call, not earlier than the bound.
                clock.aged(now)
                vectors = try Self.read(roots)
            }
        }
        return histogram(vectors, now)
    }

    private static func read(_ roots: SensorRoots) throws(SensorError) -> [LRUVector] {
        let limit = 64 << 20
        do throws(SensorError) {
            return LRUVector.parse(try TextFile.read(roots.debug.appending("lru_gen"), limit: limit))
        } catch {
            // A locked-down kernel opens no writable file of debugfs, but this one.
            guard error.errno == .notPermitted else { throw error }
            return LRUVector.parse(try TextFile.read(roots.debug.appending("lru_gen_full"), limit: limit))
        }
    }

    private mutating func observeCache(_ now: UInt64) {
        guard cache != nil, var reader = PageFlagsReader(roots) else {
            cache = nil
            return
        }
        cache?.observe(at: now) { reader.flags(from: $0, count: CacheAges.frames) }
    }

    private mutating func age(_ vectors: [LRUVector]) {
        let path = roots.debug.appending("lru_gen")
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, .writeOnly, options: .closeOnExec)
        } catch {
            obstacle = "\(path) cannot be written: \(error)"
            return
        }
        defer { try? file.close() }
        for vector in vectors {
            guard let youngest = vector.generations.last else { continue }
            let order = "+ \(vector.cgroup) \(vector.node) \(youngest.sequence) 1 1\n"
            // A cgroup may be gone by now, and another may have been aged by the kernel meanwhile.
            _ = try? file.writeAll(order.utf8)
        }
    }

    private mutating func histogram(_ vectors: [LRUVector], _ now: UInt64) -> IdleHistogram {
        let dated = vectors.filter { $0.hasNumber && $0.bytes >= AgingClock.smallest }
        var classes = dated.flatMap(AgeClass.of)
        classes += vectors.filter { $0.hasNumber && $0.bytes < AgingClock.smallest }.map(AgeClass.used)
        var undated = vectors.filter { !$0.hasNumber }.map(AgeClass.used)
        let files = classes.reduce(0 as UInt64) { $0.adding($1.fileBytes) }
        if obstacle == nil, let cache, cache.observations > 0 {
            let file = classes.takeFileBytes(cache.unmappedFileBytes(of: files))
            let shared = classes.takeAnonymousBytes(cache.unmappedSharedBytes(frames: frames))
            for node in Set(file.keys).union(shared.keys).sorted() {
                classes += cache.classes(node: node, fileBytes: file[node] ?? 0, sharedBytes: shared[node] ?? 0)
            }
        } else {
            for (node, bytes) in classes.takeFileBytes(files.less(mappedBytes())) {
                undated.append(AgeClass(node: node, minimumIdle: 0, fileBytes: bytes))
            }
        }
        let sinceAging = dated.compactMap { $0.generations.last?.age }.max() ?? 0
        let measuredAt = obstacle == nil ? clock.last ?? now : now.less(sinceAging)
        let buckets = history.join(classes, undated: undated, at: measuredAt)
        let total = buckets.reduce(0 as UInt64) { $0.adding($1.bytes) }
        let unknown = undated.reduce(0 as UInt64) { $0.adding($1.anonymousBytes).adding($1.fileBytes) }
        let (confidence, detail) = judgement(undated: unknown, of: total, now)
        return IdleHistogram(
            method: .mglru, confidence: confidence, detail: detail, buckets: buckets, measuredAt: measuredAt)
    }

    private func judgement(undated: UInt64, of total: UInt64, _ now: UInt64) -> (IdleHistogram.Confidence, String) {
        let percent = undated.scaled(100, over: total)
        if let obstacle { return (.low, "the kernel's own generations, which may be old: \(obstacle)") }
        guard clock.count > 0 else { return (.low, "one aging so far: what is idle shows after the next") }
        guard clock.count > 1 else { return (.medium, "two agings so far: ages are coarse") }
        if percent >= 10 {
            return (.medium, "\(percent) % of it is page cache without an age, which counts as used")
        }
        guard now.less(clock.last ?? 0) <= clock.schedule.length else {
            return (.medium, "the last aging was \(now.less(clock.last ?? 0) / 1_000_000_000) s ago")
        }
        return (.high, "accessed bits of all page tables, aged \(clock.count + 1) times")
    }

    /// Page cache and tmpfs in page tables, in bytes.
    private func mappedBytes() -> UInt64 {
        guard let bytes = try? TextFile.read(roots.proc.appending("meminfo")) else { return 0 }
        return NumberTable(bytes)["Mapped"] ?? 0
    }
}
