import Linux
import SystemPackage

/// DAMON's administration in sysfs (`/sys/kernel/mm/damon/admin`), one monitoring thread with one context.
///
/// The thread watches single frames, which never merge nor split, instead of DAMON's adaptive regions: in a guest's
/// physical memory neighbours have nothing in common, and a region would take the mean of hot and cold pages. So DAMON
/// serves as what it is at its core: a check whether a page was accessed since it was last looked at, by page tables
/// and by file descriptors alike.
struct DamonTree: Sendable {
    /// A value of `update_us` that nobody else sets. DAMON ignores it for physical memory; it tells a thread that an
    /// earlier agent left behind from somebody else's.
    static let signature: UInt64 = 0xBA11A57

    private let roots: SensorRoots

    init(_ roots: SensorRoots) { self.roots = roots }

    private var threads: FilePath { roots.sys.appending("kernel/mm/damon/admin/kdamonds") }
    private var thread: FilePath { threads.appending("0") }
    private var context: FilePath { thread.appending("contexts/0") }
    private var scheme: FilePath { context.appending("schemes/0") }

    /// Why DAMON cannot be used; nil where it can.
    func reasonAgainst() -> String? {
        guard let count = number(threads.appending("nr_kdamonds")) else {
            return "the kernel has no DAMON with a sysfs interface"
        }
        if count > 1 || (count == 1 && !isOurs) { return "somebody else uses DAMON (nr_kdamonds is \(count))" }
        return nil
    }

    /// Whether the thread there carries our signature.
    private var isOurs: Bool {
        number(context.appending("monitoring_attrs/intervals/update_us")) == Self.signature
    }

    /// Starts watching the frames.
    /// - Parameter interval: How often each is looked at, in microseconds.
    func start(frames: [UInt64], interval: UInt64) throws(LinuxError) {
        if let reason = reasonAgainst() { throw LinuxError(code: .busy, operation: "starting DAMON: \(reason)") }
        try remove()
        do throws(LinuxError) {
            try write("1", threads.appending("nr_kdamonds"))
            try write("1", thread.appending("contexts/nr_contexts"))
            // First of all, so that what breaks off here is recognised as ours.
            let attributes = context.appending("monitoring_attrs")
            try write(String(Self.signature), attributes.appending("intervals/update_us"))
            try write("paddr", context.appending("operations"))
            try write(String(interval), attributes.appending("intervals/sample_us"))
            try write(String(interval), attributes.appending("intervals/aggr_us"))
            // With more than half of the maximum DAMON splits no region.
            try write(String(max(frames.count * 2 - 1, 3)), attributes.appending("nr_regions/max"))
            try write(String(max(frames.count, 3)), attributes.appending("nr_regions/min"))
            try write("1", context.appending("targets/nr_targets"))
            let regions = context.appending("targets/0/regions")
            try write(String(frames.count), regions.appending("nr_regions"))
            for (index, frame) in frames.enumerated() {
                let region = regions.appending(String(index))
                try write(String(frame.multiplied(4096)), region.appending("start"))
                try write(String((frame.adding(1)).multiplied(4096)), region.appending("end"))
            }
            try setUpScheme()
            try write("on", thread.appending("state"))
        } catch {
            try? remove()
            throw error
        }
    }

    /// One scheme that does nothing with frames that were not used in the last interval, so that they can be listed.
    private func setUpScheme() throws(LinuxError) {
        try write("1", context.appending("schemes/nr_schemes"))
        guard SmallFile.exists(scheme.appending("tried_regions")) else {
            throw LinuxError(
                code: .unsupported, operation: "the kernel's DAMON lists no regions (6.2 is the first that does)")
        }
        try write("stat", scheme.appending("action"))
        let pattern = scheme.appending("access_pattern")
        try write("0", pattern.appending("sz/min"))
        try write(String(UInt64.max), pattern.appending("sz/max"))
        try write("0", pattern.appending("nr_accesses/min"))
        try write("0", pattern.appending("nr_accesses/max"))
        try write("1", pattern.appending("age/min"))
        try write(String(UInt32.max), pattern.appending("age/max"))
    }

    /// Stops the thread and removes it, if it is ours.
    func remove() throws(LinuxError) {
        guard number(threads.appending("nr_kdamonds")) == 1, isOurs else { return }
        if (try? TextFile.line(thread.appending("state"))) == "on" { try write("off", thread.appending("state")) }
        try write("0", threads.appending("nr_kdamonds"))
    }

    /// Removes what an earlier agent left running when it was killed.
    func removeLeftovers() { try? remove() }

    /// The monitoring thread's process id; nil where it does not run, or is not ours.
    var process: UInt64? { isOurs ? number(thread.appending("pid")) : nil }

    /// Frames that were not used lately, with the number of intervals for which they were not. Blocks until the thread
    /// has looked once or twice more.
    func idleFrames() throws(LinuxError) -> [UInt64: UInt64] {
        try write("update_schemes_tried_regions", thread.appending("state"))
        let folder = scheme.appending("tried_regions")
        var ages: [UInt64: UInt64] = [:]
        for name in SmallFile.names(in: folder) {
            let region = folder.appending(name)
            guard let start = number(region.appending("start")), let age = number(region.appending("age")) else {
                continue
            }
            ages[start / 4096] = age
        }
        try? write("clear_schemes_tried_regions", thread.appending("state"))
        return ages
    }

    private func number(_ path: FilePath) -> UInt64? { (try? TextFile.line(path)).flatMap { UInt64($0) } }

    private func write(_ text: String, _ path: FilePath) throws(LinuxError) { try SmallFile.write(text, to: path) }
}
