import Glibc
import Linux
import SystemPackage
import Testing
import Wire

@testable import Balloon

/// Whether holders can work on this machine.
let canHold =
    StrongPin.unavailableReason() == nil
    && (try? Capabilities.effective().contains(.sysAdmin)) == true

/// One real holder process, with rings and a directory of its own.
final class HolderFixture {
    let rings: RingPool
    let directory: FilePath
    private(set) var handle: HolderHandle?
    let processID: Int32
    let nonce = Nonce(low: 0x1122_3344_5566_7788, high: 0x99AA_BBCC_DDEE_FF00)

    /// Starts the agent's program, which lies beside the tests, or another copy of it, as a holder.
    init(failPoints: String = "", slots: Int = 4, executable: FilePath? = nil) throws {
        let random = try RandomBytes.nonZero()
        directory = FilePath("/tmp/ballast-holder-\(getpid())-\(String(random, radix: 36))")
        _ = unsafe directory.withPlatformString { unsafe mkdir($0, 0o700) }
        rings = try RingPool(slots: slots)
        let started = try HolderHandle.spawn(
            rings: rings, runtimeDirectory: directory, executable: try executable ?? Self.agent(),
            environment: failPoints.isEmpty ? [] : ["BALLAST_FAILPOINTS=\(failPoints)"])
        handle = started
        processID = started.processID
        guard try next() == .hello(processID: processID, version: 1) else {
            throw LinuxError(code: .invalid, operation: "expecting the holder's hello")
        }
    }

    deinit {
        if let process = try? ProcessDescriptor(processID: processID) {
            try? process.signal(SIGKILL)
            _ = try? process.wait(blocking: true)
        }
        for name in SmallFile.names(in: directory) {
            _ = unsafe directory.appending(name).withPlatformString { unsafe unlink($0) }
        }
        _ = unsafe directory.withPlatformString { unsafe rmdir($0) }
    }

    static func agent() throws -> FilePath {
        var path = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &path, path.count)
        let own = FilePath(String(decoding: path[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self))
        let agent = own.removingLastComponent().appending("ballast-agent")
        guard SmallFile.exists(agent) else {
            throw LinuxError(code: .notFound, operation: "looking for \(agent)", remedy: "build ballast-agent first")
        }
        return agent
    }

    /// The agent dies: its end of the socket closes.
    func forgetAgent() { handle = nil }

    func send(_ request: HolderRequest) { #expect(handle?.send(request) == true) }

    /// The next event, waited for.
    func next(seconds: Int = 20) throws -> HolderEvent {
        guard let handle else { throw LinuxError(code: .invalid, operation: "the agent is dead") }
        return try Self.next(handle, seconds: seconds)
    }

    static func next(_ handle: HolderHandle, seconds: Int = 20) throws -> HolderEvent {
        let deadline = MonotonicClock.now() + UInt64(seconds) * 1_000_000_000
        while MonotonicClock.now() < deadline {
            if let event = handle.next() { return event }
            var request = pollfd(fd: handle.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&request, 1, 100)
        }
        throw LinuxError(code: .notFound, operation: "waiting for the holder")
    }

    /// Builds a chunk and gives its extents.
    func build(_ chunk: UInt64, bytes: UInt64 = 8 << 20, slot: Int = 0) throws -> [Extent] {
        send(.build(chunk: chunk, bytes: bytes, slot: slot, nonce: nonce))
        guard case .built(chunk, slot, let extents) = try next() else {
            throw LinuxError(code: .invalid, operation: "expecting chunk \(chunk) to be built")
        }
        return extents
    }

    /// What the kernel says about each frame of extents (/proc/kpageflags).
    static func flags(_ extents: [Extent]) throws -> [UInt64] {
        let file = try SmallFile.open("/proc/kpageflags", flags: O_RDONLY)
        var all: [UInt64] = []
        for extent in extents {
            var part = [UInt64](repeating: 0, count: Int(extent.frames))
            let wanted = part.count * 8
            let count = unsafe pread(file.rawValue, &part, wanted, Int(extent.firstFrame) * 8)
            guard count == wanted else { throw LinuxError(errno: .ioError, operation: "reading kpageflags") }
            all += part
        }
        return all
    }

    /// Share of frames that are anonymous memory of somebody, 0 to 1.
    static func anonymousShare(_ extents: [Extent]) throws -> Double {
        let flags = try flags(extents)
        return Double(flags.count { $0 >> 12 & 1 == 1 }) / Double(max(1, flags.count))
    }

    /// Reads the stamps in the holder's own memory: how many pages lie in `extents` and carry the right one.
    func stampedPages(_ extents: [Extent], chunk: UInt64, nonce: Nonce) throws -> Int {
        var wanted: Set<UInt64> = []
        for extent in extents { for offset in 0..<extent.frames { wanted.insert(extent.firstFrame + offset) } }
        let maps = try SmallFile.readText(FilePath("/proc/\(processID)/maps"))
        let pagemap = try Pagemap(processID: processID)
        let memory = try SmallFile.open(FilePath("/proc/\(processID)/mem"), flags: O_RDONLY)
        var stamped = 0
        for line in maps.split(separator: "\n") where line.contains("rw-p 00000000 00:00 0") {
            let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard bounds.count == 2 else { continue }
            let pages = Int((bounds[1] - bounds[0]) / 4096)
            let entries = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: pages)
            defer { unsafe entries.deallocate() }
            unsafe entries.initialize(repeating: 0)
            try unsafe pagemap.read(at: bounds[0], into: entries)
            for page in 0..<pages {
                let frame = PagemapEntry(rawValue: unsafe entries[page]).frame
                guard wanted.contains(frame) else { continue }
                var stamp = [UInt8](repeating: 0, count: Stamp.size)
                let address = Int(bounds[0]) + page * 4096
                guard unsafe pread(memory.rawValue, &stamp, stamp.count, address) == stamp.count else { continue }
                let right = unsafe stamp.withUnsafeBytes {
                    unsafe Stamp.verify($0, address: frame * 4096, nonce: nonce, chunk: chunk)
                }
                if right { stamped += 1 }
            }
        }
        return stamped
    }
}
