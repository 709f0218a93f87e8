import Glibc
import Linux
import SystemPackage
import Wire

/// Builds one chunk at a time in small steps, so that the holder looks at its orders in between. The order of steps is
/// the one that makes frames trustworthy: map, populate, lock, pin, read the frames, stamp, read them again.
@safe
final class ChunkBuilder {
    /// The largest chunk, in bytes.
    static let maximumBytes = 32 << 20
    static let stepBytes = Memory.hugePageBytes
    private static let maximumPages = maximumBytes / 4096
    /// How often a page that is not there for a moment is looked at again.
    private static let maximumLooks = 20

    struct Job {
        let index: Int
        let nonce: Nonce
        /// A chunk that is held already, offered again.
        let again: Bool
        /// Report (and stamp) only pages whose frame changed.
        let onlyMoved: Bool
        /// Report whole, aligned frames of 2 MiB only.
        let wholePages: Bool
    }

    enum Progress {
        case more
        /// Pinned and stamped; ``runs`` has what to report.
        case finished
        case failed(Errno, HolderStep)
    }

    private enum Phase {
        case map, populate, assemble, lock, register, frames, stamp, verify
    }

    private let pagemap: Pagemap
    private let rings: [IOURing]
    private let current: UnsafeMutableBufferPointer<UInt64>
    private let scratch: UnsafeMutableBufferPointer<UInt64>
    private let runStorage: UnsafeMutableBufferPointer<UInt64>
    private let wholePages: WholePages
    private(set) var runCount = 0
    private(set) var job: Job?
    private var phase = Phase.map
    private var offset = 0
    private var looks = 0
    private var isPinned = false

    init(pagemap: Pagemap, rings: [IOURing]) {
        self.pagemap = pagemap
        self.rings = rings
        wholePages = WholePages(pagemap)
        unsafe current = UnsafeMutableBufferPointer.allocate(capacity: Self.maximumPages)
        unsafe current.initialize(repeating: 0)
        unsafe scratch = UnsafeMutableBufferPointer.allocate(capacity: Self.maximumPages)
        unsafe scratch.initialize(repeating: 0)
        unsafe runStorage = UnsafeMutableBufferPointer.allocate(capacity: Self.maximumPages * 2)
        unsafe runStorage.initialize(repeating: 0)
    }

    deinit {
        unsafe current.deallocate()
        unsafe scratch.deallocate()
        unsafe runStorage.deallocate()
    }

    /// Pairs of first frame and number of frames, sorted: what a finished job or an inventory found.
    var runs: UnsafeBufferPointer<UInt64> {
        unsafe UnsafeBufferPointer(rebasing: UnsafeBufferPointer(runStorage)[..<(runCount * 2)])
    }

    var slots: Int { rings.count }

    func start(_ job: Job) {
        self.job = job
        phase = job.again ? (job.wholePages ? .assemble : .register) : .map
        offset = 0
        looks = 0
        isPinned = false
        runCount = 0
    }

    /// The job was reported, or is of no more interest.
    func finish() {
        job = nil
    }

    /// Gives the job up: nobody was told of it, so the pin may go at once. A new chunk is unmapped, a held one stays.
    func abandon(_ table: HolderTable) {
        guard let job else { return }
        self.job = nil
        let chunk = table[job.index]
        if isPinned { _ = try? rings[Int(chunk.slot)].unregisterBuffers() }
        if job.again {
            table[job.index].state = .held
        } else {
            try? table.release(job.index)
        }
    }

    /// Drops whatever the ring of a slot pins.
    func unpin(slot: Int) throws(LinuxError) {
        try rings[slot].unregisterBuffers()
    }

    /// Does the next step of the job.
    func step(_ table: HolderTable) -> Progress {
        guard let job else { return .finished }
        do {
            return try advance(job, table)
        } catch {
            let step: HolderStep =
                switch phase {
                case .map: .map
                case .populate, .assemble: .populate
                case .lock: .lock
                case .register: .register
                case .frames, .stamp: .frames
                case .verify: .verify
                }
            return .failed(error.errno ?? .ioError, step)
        }
    }

    private func advance(_ job: Job, _ table: HolderTable) throws(LinuxError) -> Progress {
        let chunk = table[job.index]
        switch phase {
        case .map:
            try map(&table[job.index])
            FailPoint.hit("holder.mapped")
            phase = .populate
        case .populate:
            let length = min(Self.stepBytes, chunk.bytes - offset)
            try unsafe Memory.populate(
                UnsafeMutableRawBufferPointer(rebasing: chunk.memory[offset..<(offset + length)]))
            offset += length
            guard offset >= chunk.bytes else { return .more }
            FailPoint.hit("holder.populated")
            offset = 0
            phase = job.wholePages ? .assemble : .lock
        case .assemble:
            if job.again {
                try unsafe wholePages.repair(chunk.memory)
                phase = .register
            } else if try wholePages.assemble(&table[job.index], at: &offset) {
                guard table[job.index].bytes > 0 else { return .failed(.noMemory, .fragmented) }
                phase = .lock
            }
        case .lock:
            // khugepaged must not move what is there, and nobody wants it in a core dump.
            try unsafe Memory.advise(chunk.memory, .noHugePage)
            try unsafe Memory.advise(chunk.memory, .dontDump)
            try unsafe Memory.lock(chunk.memory)
            phase = .register
        case .register:
            try unsafe rings[Int(chunk.slot)].registerBuffer(chunk.memory)
            isPinned = true
            FailPoint.hit("holder.registered")
            phase = .frames
        case .frames:
            guard try unsafe readFrames(chunk, into: current) else { return .more }
            unsafe copy(current, to: scratch, count: chunk.pages)
            if unsafe FrameRuns.sortAndFindDuplicate(part(scratch, chunk.pages)) {
                return .failed(.invalidArgument, .duplicate)
            }
            if job.wholePages {
                // Pinned, they can no longer come apart.
                let broken = unsafe wholePages.judge(UnsafeBufferPointer(part(current, chunk.pages)))
                if broken > 0, !job.again { return .failed(.noMemory, .fragmented) }
            }
            offset = 0
            phase = .stamp
        case .stamp:
            stamp(job, chunk)
            guard offset >= chunk.bytes else { return .more }
            FailPoint.hit("holder.stamped")
            phase = .verify
        case .verify:
            guard try unsafe readFrames(chunk, into: scratch) else { return .more }
            for page in 0..<chunk.pages where unsafe scratch[page] != current[page] {
                return .failed(.resourceBusy, .verify)
            }
            collect(job, chunk)
            table[job.index].state = .pinned
            return .finished
        }
        return .more
    }

    private func map(_ chunk: inout HolderChunk) throws(LinuxError) {
        let memory = try unsafe Memory.mapAnonymous(bytes: chunk.bytes)
        chunk.address = UInt(bitPattern: memory.baseAddress)
        let record = try unsafe Memory.mapAnonymous(
            bytes: (chunk.pages * 8 + 4095) / 4096 * 4096, alignment: 4096)
        chunk.framesAddress = UInt(bitPattern: record.baseAddress)
        chunk.framesBytes = record.count
        do {
            try unsafe Memory.advise(memory, .hugePage)
        } catch {
            // A kernel without huge pages: the chunk is only slower to offer.
            guard error.errno == .invalidArgument else { throw error }
        }
        try unsafe Memory.advise(memory, .dontFork)
    }

    /// False when a page was not there for a moment: the kernel unmaps pinned pages for the time of a failed migration.
    private func readFrames(
        _ chunk: HolderChunk, into frames: UnsafeMutableBufferPointer<UInt64>
    ) throws(LinuxError) -> Bool {
        do {
            try unsafe pagemap.readFrames(at: chunk.address, into: part(frames, chunk.pages))
            looks = 0
            return true
        } catch {
            guard error.code == .busy, looks < Self.maximumLooks else { throw error }
            looks += 1
            usleep(1000)
            return false
        }
    }

    private func stamp(_ job: Job, _ chunk: HolderChunk) {
        let end = min(offset + Self.stepBytes, chunk.bytes)
        let recorded = unsafe chunk.frames
        let stamps = StampSeries(nonce: job.nonce, chunk: chunk.id)
        while offset < end {
            let page = offset / 4096
            let frame = unsafe current[page]
            if unsafe isDue(job, page, recorded[page], frame),
                let address = unsafe UnsafeMutableRawPointer(bitPattern: chunk.address + UInt(offset))
            {
                unsafe stamps.write(to: address, address: frame &* 4096)
            }
            offset += 4096
        }
    }

    /// Whether a page is to be stamped and reported.
    private func isDue(_ job: Job, _ page: Int, _ recorded: UInt64, _ frame: UInt64) -> Bool {
        if job.wholePages, !wholePages.isWhole(page: page) { return false }
        return !job.onlyMoved || recorded != frame
    }

    /// Makes the runs to report and records where the chunk lies now.
    private func collect(_ job: Job, _ chunk: HolderChunk) {
        let recorded = unsafe chunk.frames
        var count = 0
        for page in 0..<chunk.pages {
            let frame = unsafe current[page]
            guard unsafe isDue(job, page, recorded[page], frame) else { continue }
            unsafe scratch[count] = frame
            count += 1
            unsafe recorded[page] = frame
        }
        makeRuns(count)
    }

    /// Reads where a held chunk lies now, without recording it: only what was offered counts as known to the host.
    func takeInventory(_ chunk: HolderChunk) throws(LinuxError) {
        runCount = 0
        looks = 0
        while try unsafe !readFrames(chunk, into: scratch) {}
        makeRuns(chunk.pages)
    }

    private func makeRuns(_ count: Int) {
        let frames = unsafe part(scratch, count)
        _ = unsafe FrameRuns.sortAndFindDuplicate(frames)
        runCount = unsafe FrameRuns.coalesce(UnsafeBufferPointer(frames), into: runStorage)
    }

    private func part(
        _ buffer: UnsafeMutableBufferPointer<UInt64>, _ count: Int
    ) -> UnsafeMutableBufferPointer<UInt64> {
        unsafe UnsafeMutableBufferPointer(rebasing: buffer[..<count])
    }

    private func copy(
        _ source: UnsafeMutableBufferPointer<UInt64>, to target: UnsafeMutableBufferPointer<UInt64>, count: Int
    ) {
        guard count > 0, let from = source.baseAddress, let base = target.baseAddress else { return }
        unsafe base.update(from: from, count: count)
    }
}
