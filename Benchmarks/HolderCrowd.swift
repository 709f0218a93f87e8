import Balloon
import Glibc
import Linux
import SystemPackage
import Wire

/// Four holders with four rings, as a guest's agent has them, and the orders that a host which takes every chunk at
/// once would lead to. Its calls block.
final class HolderCrowd {
    private static let holders = 4
    private static let slots = 4

    private let directory: FilePath
    private let rings: RingPool
    private var handles: [HolderHandle] = []
    private let nonce = Nonce(low: 0x1122_3344_5566_7788, high: 0x99AA_BBCC_DDEE_FF00)
    private var nextChunk: UInt64 = 1

    init(executable: String) throws {
        directory = FilePath("/tmp/ballast-bench-\(getpid())")
        _ = directory.withPlatformString { mkdir($0, 0o700) }
        rings = try RingPool(slots: Self.slots)
        for _ in 0..<Self.holders {
            handles.append(
                try HolderHandle.spawn(
                    rings: rings, runtimeDirectory: directory, executable: FilePath(executable)))
        }
        for handle in handles {
            try pump(handle) { event in
                if case .hello = event { true } else { false }
            }
        }
    }

    deinit {
        for handle in handles {
            try? handle.kill()
            _ = handle.reap(blocking: true)
        }
        _ = directory.withPlatformString { rmdir($0) }
    }

    /// Seconds until all of it is held.
    func inflate(bytes: Int, chunkBytes: Int) throws -> Double {
        let chunks = bytes / chunkBytes
        let begin = MonotonicClock.now()
        // One chunk a slot, and one slot a holder: the agent spreads them the same way.
        for slot in 0..<Self.slots where nextChunk <= chunks { try order(slot, chunkBytes) }
        var held = 0
        while held < chunks {
            try wait()
            for (index, handle) in handles.enumerated() {
                while let event = handle.next() {
                    switch event {
                    case .built(let chunk, let slot, _):
                        guard handle.send(.unpin(chunk: chunk, slot: slot)) else {
                            throw BenchError("holder \(index) takes no orders")
                        }
                    case .unpinned(_, let slot):
                        held += 1
                        if nextChunk <= chunks { try order(slot, chunkBytes) }
                    default: throw BenchError("holder \(index) says \(event)")
                    }
                }
            }
        }
        return Double(MonotonicClock.now() - begin) / 1e9
    }

    private func order(_ slot: Int, _ bytes: Int) throws {
        let request = HolderRequest.build(chunk: nextChunk, bytes: UInt64(bytes), slot: slot, nonce: nonce)
        guard handles[slot % handles.count].send(request) else { throw BenchError("a holder takes no orders") }
        nextChunk += 1
    }

    /// Waits until a holder has something to say.
    private func wait() throws {
        var polled = handles.map { pollfd(fd: $0.descriptor.rawValue, events: Int16(POLLIN), revents: 0) }
        guard poll(&polled, nfds_t(polled.count), 30_000) > 0 else { throw BenchError("the holders are silent") }
    }

    private func pump(_ handle: HolderHandle, until done: (HolderEvent) -> Bool) throws {
        while true {
            while let event = handle.next() {
                if done(event) { return }
                if event == .closed { throw BenchError("a holder ended at its start") }
            }
            var polled = pollfd(fd: handle.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 30_000) > 0 else { throw BenchError("a holder is silent") }
        }
    }
}
