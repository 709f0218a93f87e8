import Balloon
import Glibc
import Governor
import Linux
import Sensors
import SystemPackage
import Wire

/// The agent: one thread around one epoll loop. It carries bytes between peers, sessions, the balloon's engine and the
/// holders, and looks at memory while the balloon is not empty. Decisions are made elsewhere, by pure values.
public final class AgentLoop {
    /// Tokens of the fixed descriptors; connections and holders count from 100 on.
    enum Token {
        static let signals: UInt64 = 1
        static let timer: UInt64 = 2
        static let listener: UInt64 = 3
        static let ports: UInt64 = 4
        static let firstDynamic: UInt64 = 100
    }

    /// How long a stop waits for what is in flight, in nanoseconds.
    static let drainDeadline: UInt64 = 5_000_000_000

    /// Where nothing but MemAvailable limits the balloon, how often that is looked at again, in nanoseconds: memory
    /// that is plugged in, or a limit that somebody sets, may change it.
    static let limitsPeriod: UInt64 = 250_000_000

    let configuration: AgentConfiguration
    let log: AgentLog
    let epoll: Epoll
    let timer: TimerFD
    let signals: SignalFD
    let ports: any PortMonitor
    let probe: WatermarkProbe
    let roots = SensorRoots()
    var listener: OwnedDescriptor?
    var nextToken = Token.firstDynamic
    var connections: [UInt64: Connection] = [:]
    /// The connection whose session is the controller's.
    var controller: UInt64?
    var engine: BalloonEngine
    var governor: Governor
    var pool: HolderPool?
    /// Why there is no agent balloon.
    var balloonRefusal: (reason: Reason, detail: String)?
    var policy: PolicyState
    /// The administrator's word against inflation.
    var holds = HoldBook()
    var nonce: Nonce?
    /// The session's host can discard whole, aligned frames of 2 MiB only.
    var wholePages = false
    var target: SetTarget?
    var lastAnswer: TargetAnswer?
    var limit: (reason: Reason, detail: String) = (.noReason, "")
    let instance: UInt64
    let facts: GuestFacts

    /// Until then MemAvailable alone limits a step.
    var unlimitedUntil: UInt64 = 0
    var nextLook: UInt64?
    var nextGrow: UInt64 = 0
    var nextPortLook: UInt64 = 0
    var nextReport: UInt64?
    var nextAudit: UInt64?
    var nextWatchdog: UInt64?
    var watchdogInterval: UInt64?
    var stopDeadline: UInt64?
    var growFailures = 0
    var killCount = KillCount()
    /// An order did not reach its holder.
    var lostOrder = false
    var emergencyReleases: UInt64 = 0
    var lastStatusBytes: UInt64?
    /// When each holder was told to release everything and has not confirmed yet.
    var releaseDeadlines: [Int: UInt64] = [:]
    var readBuffer = [UInt8](repeating: 0, count: 64 << 10)

    /// Prepares everything that can fail before the loop runs.
    public init(configuration: AgentConfiguration, log: AgentLog) throws {
        self.configuration = configuration
        self.log = log
        instance = try RandomBytes.nonZero()
        facts = GuestFacts.read()
        epoll = try Epoll(capacity: 64)
        timer = try TimerFD(clock: .boottime)
        signals = try SignalFD([SIGTERM, SIGINT, SIGHUP, SIGCHLD])
        ports = PortMonitors.make()
        probe = try WatermarkProbe(roots)
        policy = PolicyState(
            statsPeriodMilliseconds: configuration.statsPeriod / 1_000_000, deflateOnOom: configuration.deflateOnOom)
        governor = Governor(
            configuration: GovernorConfiguration(
                memoryTotalBytes: facts.memoryTotalBytes, processors: facts.processors,
                chunkBytes: configuration.chunkBytes, floorBytes: configuration.floorBytes,
                watermarkBytes: configuration.watermarkBytes, fillRate: configuration.fillRate,
                holdOff: configuration.holdOff, holdOffAfterOOM: configuration.holdOffAfterOOM,
                deflateOnOom: configuration.deflateOnOom))
        engine = BalloonEngine(chunkBytes: configuration.chunkBytes, slots: configuration.slots)
        try epoll.add(signals.descriptor, for: .readable, token: Token.signals)
        try epoll.add(timer.descriptor, for: .readable, token: Token.timer)
        if let descriptor = ports.descriptor { try epoll.add(descriptor, for: .readable, token: Token.ports) }
    }

    /// Runs until a signal says stop.
    public func run() throws {
        protect()
        try listenLocally()
        startBalloon()
        lookForPort()
        rehearse()
        ServiceManager.ready(status: "Waiting for the host")
        watchdogInterval = ServiceManager.watchdogInterval()
        let now = BoottimeClock.now()
        nextWatchdog = watchdogInterval.map { now + $0 / 2 }
        scheduleReport(now)
        while !isFinished {
            arm()
            let count = try epoll.wait(milliseconds: nil)
            for index in 0..<count { handle(epoll[index]) }
            tick()
        }
        ServiceManager.stopping()
        log.notice("stopped; \(engine.heldBytes >> 20) MiB stay with \(engine.livingHolders.count) holders")
    }

    private var isFinished: Bool {
        guard let stopDeadline else { return false }
        return engine.pinnedChunks == 0 || BoottimeClock.now() >= stopDeadline
    }

    private func handle(_ event: Epoll.Event) {
        switch event.token {
        case Token.signals: takeSignals()
        case Token.timer: _ = try? timer.drain()
        case Token.listener: acceptLocal()
        case Token.ports:
            while ports.next() != nil {}
            nextPortLook = 0
        default:
            if let connection = connections[event.token] {
                serve(connection, event.readiness)
            } else if let holder = pool?.holder(token: event.token) {
                serve(holder: holder)
            }
        }
    }

    private func takeSignals() {
        while let signal = (try? signals.next()) ?? nil {
            switch signal {
            case SIGCHLD: reapHolders()
            case SIGHUP: log.notice("SIGHUP: the configuration is read at the start only; restart to change it")
            default: beginStop(signal)
            }
        }
    }

    private func beginStop(_ signal: Int32) {
        guard stopDeadline == nil else { return }
        log.notice("signal \(signal): stopping once what is in flight has been answered")
        ServiceManager.stopping()
        stopDeadline = BoottimeClock.now() + Self.drainDeadline
        engine.stop()
        tellController(
            .event(
                Event(
                    kind: .stoppingEvent, reason: .stopping, bytes: engine.heldBytes,
                    detail: "the agent stops; the holders keep what they have",
                    uptimeMilliseconds: BoottimeClock.now() / 1_000_000)))
    }

    /// Everything that time brings.
    private func tick() {
        let now = BoottimeClock.now()
        look(now)
        if now >= nextPortLook { lookForPort() }
        for connection in connections.values {
            if let deadline = connection.session.deadline, now >= deadline {
                act(connection.session.tick(now: now), on: connection)
            }
        }
        enforceReleases(now)
        if let nextReport, now >= nextReport {
            scheduleReport(now)
            sendPeriodicReport()
        }
        if let nextAudit, now >= nextAudit { audit(now) }
        if let nextWatchdog, now >= nextWatchdog {
            ServiceManager.watchdog()
            self.nextWatchdog = watchdogInterval.map { now + $0 / 2 }
        }
        if now >= nextGrow { grow(now) }
    }

    /// Sets the timer to the next thing that is due.
    private func arm() {
        let now = BoottimeClock.now()
        var next = min(nextPortLook, nextGrow)
        for candidate in [nextLook, nextReport, nextAudit, nextWatchdog, stopDeadline] {
            if let candidate { next = min(next, candidate) }
        }
        for deadline in releaseDeadlines.values { next = min(next, deadline) }
        for connection in connections.values {
            if let deadline = connection.session.deadline { next = min(next, deadline) }
        }
        if next == .max {
            try? timer.disarm()
        } else {
            try? timer.arm(at: max(next, now + 1))
        }
    }

    func newToken() -> UInt64 {
        defer { nextToken += 1 }
        return nextToken
    }

    /// The agent must live while memory runs out: last in the OOM killer's row, and without page faults.
    private func protect() {
        do {
            try ProcessSettings.setOOMScoreAdjustment(-1000)
        } catch {
            log.warning("the OOM killer may choose the agent: \(error)")
        }
        do {
            // It sleeps nearly always, and must not wait for fifty others when it is needed.
            try ProcessSettings.setNice(-20)
        } catch {
            log.warning("the agent has no precedence when processors are busy: \(error)")
        }
        ProcessSettings.ignore(signals: [SIGPIPE])
        try? ProcessSettings.raiseMemlockLimit()
    }

    /// Walks the release path once, with an order that changes nothing, so that its code and data are in memory, and
    /// then keeps in memory what was touched.
    private func rehearse() {
        for _ in 0..<3 { _ = sample() }
        pool?.rehearse()
        do {
            try Memory.lockAllOnFault()
        } catch {
            log.warning("the agent's own memory could not be locked: \(error)")
        }
    }
}
