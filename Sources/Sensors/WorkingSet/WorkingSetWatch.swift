import Glibc
public import Linux
import Synchronization
import SystemPackage

/// Measures the working set on a thread of its own, so that an event loop never waits for a walk over page tables.
///
/// There is no thread before `start` nor after `stop`, and it sleeps between agings. All calls may come from any
/// thread.
public final class WorkingSetWatch: Sendable {
    /// What is known.
    public struct State: Sendable {
        /// The last histogram; nil before the first, and after `stop`.
        public var histogram: IdleHistogram?
        /// The method in use; nil while it is stopped.
        public var method: IdleHistogram.Method?
        /// Processor time that measuring took since the first start, in nanoseconds.
        public var cost: UInt64 = 0
        /// How many measurements there were.
        public var samples: UInt64 = 0
    }

    private struct Guarded {
        var state = State()
        var probe: CacheProbe?
        var isWanted = false
        var isRunning = false
        var thread: pthread_t?
    }

    private let roots: SensorRoots
    private let settings: WorkingSetSettings
    private let seed: UInt64
    private let guarded = Mutex(Guarded())
    private let wake: EventFD
    /// Signalled once after each measurement, for an epoll loop that wants to know.
    public let measured: EventFD

    /// A watch that is stopped.
    /// - Parameter seed: Chooses the page frames that are looked at.
    public init(
        _ roots: SensorRoots = SensorRoots(), settings: WorkingSetSettings = WorkingSetSettings(), seed: UInt64 = 1
    ) throws(LinuxError) {
        self.roots = roots
        self.settings = settings
        self.seed = seed
        wake = try EventFD()
        measured = try EventFD()
    }

    /// What is known now. Never waits for a measurement.
    public var state: State { guarded.withLock { $0.state } }

    /// Starts measuring; nothing where it runs already.
    public func start() throws(LinuxError) {
        let mustStart = guarded.withLock { guarded in
            defer {
                guarded.isWanted = true
                guarded.isRunning = true
            }
            return !guarded.isRunning
        }
        guard mustStart else { return }
        join()
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let error = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<WorkingSetWatch>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        guard error == 0 else {
            unsafe Unmanaged<WorkingSetWatch>.fromOpaque(context).release()
            guarded.withLock {
                $0.isWanted = false
                $0.isRunning = false
            }
            throw LinuxError(
                errno: Errno(rawValue: error), operation: "starting the thread that measures the working set")
        }
        guarded.withLock { $0.thread = thread }
    }

    /// Stops measuring, and puts back what was switched on in the kernel.
    /// - Parameter waiting: Whether to wait until that is done: up to 0.1 s, with DAMON up to 10 s. A program that
    ///   ends must wait, or DAMON goes on without it.
    public func stop(waiting: Bool = false) {
        guarded.withLock {
            $0.isWanted = false
            $0.state.histogram = nil
            $0.state.method = nil
        }
        wake.signal()
        if waiting { join() }
    }

    /// Asks for a measurement soon; no more often than every two seconds.
    public func refresh() {
        wake.signal()
    }

    /// Tells what probing has learnt.
    public func note(_ probe: CacheProbe) { guarded.withLock { $0.probe = probe } }

    private func join() {
        let thread = guarded.withLock { guarded in
            defer { guarded.thread = nil }
            return guarded.thread
        }
        if let thread { pthread_join(thread, nil) }
    }

    private func run() {
        // Measuring waits for whoever has work to do. On Linux this is the niceness of this thread alone.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        var sensor = WorkingSetSensor(roots, settings: settings, seed: seed)
        var earlierCost: UInt64 = 0
        while true {
            let (isWanted, probe) = guarded.withLock { guarded in
                if !guarded.isWanted { guarded.isRunning = sensor.isActive }
                return (guarded.isWanted, guarded.probe)
            }
            guard isWanted else {
                if !sensor.isActive { return }
                sensor.stop()
                earlierCost = sensor.cost
                continue
            }
            if !sensor.isActive { sensor.start() }
            let histogram = sensor.sample(now: MonotonicClock.now(), probe: probe)
            guarded.withLock { guarded in
                guard guarded.isWanted else { return }
                guarded.state.histogram = histogram
                guarded.state.method = sensor.method
                guarded.state.cost = max(sensor.cost, earlierCost)
                guarded.state.samples += 1
            }
            measured.signal()
            sleep(until: sensor.due)
        }
    }

    /// Sleeps until then, or until somebody wants something.
    private func sleep(until due: UInt64?) {
        let now = MonotonicClock.now()
        // A measurement without a due time is done once and then on demand.
        let wait = due.map { $0 > now ? min(($0 - now) / 1_000_000 + 1, 3_600_000) : 0 } ?? 3_600_000
        var descriptor = pollfd(fd: wake.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&descriptor, 1, Int32(clamping: wait))
        _ = try? wake.drain()
    }
}
