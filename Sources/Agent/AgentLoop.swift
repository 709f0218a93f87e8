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
        static let oomdHook: UInt64 = 5
        static let vsock: UInt64 = 6
        static let firstDynamic: UInt64 = 100
    }

    /// How long a stop waits for what is in flight, in nanoseconds.
    static let drainDeadline: UInt64 = 5_000_000_000

    /// Where nothing but MemAvailable limits the balloon, how often that is looked at again, in nanoseconds: memory
    /// that is plugged in, or a limit that somebody sets, may change it.
    static let limitsPeriod: UInt64 = 250_000_000

    /// Bounds of the time between two looks at the port, in nanoseconds.
    static let shortestPortPatience: UInt64 = 1_000_000_000
    /// The longest of these.
    static let longestPortPatience: UInt64 = 64_000_000_000

    let configuration: AgentConfiguration
    let log: AgentLog
    let epoll: Epoll
    let timer: TimerFD
    let signals: SignalFD
    let ports: any PortMonitor
    let probe: WatermarkProbe
    let roots = SensorRoots()
    var listener: OwnedDescriptor?
    var vsockListener: OwnedDescriptor?
    /// Why there is none, as it was logged last.
    var vsockProblem: String?
    /// Queries of all who may be anybody on the host, together.
    var meteredQueries = TokenBucket(capacity: 20, perSecond: 20)
    /// Connections with more to read than one turn allows.
    var unread: Set<UInt64> = []
    /// The socket that systemd-oomd tells before it kills.
    var oomdHook: PrekillServer?
    var nextToken = Token.firstDynamic
    var connections: [UInt64: Connection] = [:]
    /// The connection whose session is the controller's.
    var controller: UInt64?
    var engine: BalloonEngine
    var governor: Governor
    var pool: HolderPool?
    /// Why there is no agent balloon.
    var balloonRefusal: (reason: Reason, detail: String)?
    /// The policies in force, and what of them and of the administrator's hold outlives the agent.
    var policies: PolicyBook
    var stateFile: RuntimeStateFile
    var holds: HoldBook
    var schedule: StatsSchedule
    var controllerWatch: ControllerWatch
    let senses: Senses
    let workingSet: WorkingSetNeed
    /// The hold-off of the agent before this one, and whatever this one's is to the next.
    var keptHoldOff: RuntimeState.HoldOff?
    /// The reclaim or compaction that runs.
    var reclaim: ReclaimWorker?
    var journal: AgentJournal
    var statusFile: StatusFile
    /// When the status is looked at again at the earliest, and when it has to be.
    var statusLookAt: UInt64 = 0
    var nextStatus: UInt64?
    /// Something that the status shows has changed since the last look.
    var statusIsStale = true
    /// What the controller called itself.
    var controllerName = ""
    /// The ask that stands, to be said again to a new controller.
    var ask: Ask?
    var nonce: Nonce?
    /// The session's host can discard whole, aligned frames of 2 MiB only.
    var wholePages = false
    var target: SetTarget?
    /// The VM's size in bytes, as the controller said when it came.
    var vmBytes: UInt64?
    var lastAnswer: TargetAnswer?
    var limit: (reason: Reason, detail: String) = (.noReason, "")
    /// The limit that the journal was told of last, and how long it is told of none.
    var limitNoted: Reason = .noReason
    var limitNotedUntil: UInt64 = 0
    let instance: UInt64
    let facts: GuestFacts

    /// Until then MemAvailable alone limits a step.
    var unlimitedUntil: UInt64 = 0
    var nextLook: UInt64?
    var nextGrow: UInt64 = 0
    var nextPortLook: UInt64 = 0
    /// How long the next look at the port waits.
    var portPatience = AgentLoop.shortestPortPatience
    var nextSense: UInt64?
    var nextAudit: UInt64?
    var nextWatchdog: UInt64?
    var watchdogInterval: UInt64?
    var stopDeadline: UInt64?
    var growFailures = 0
    /// How often in a row nothing was allowed to an empty balloon.
    var emptyRefusals = 0
    /// The balloon has not reached its target yet.
    var isInflating = false
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
        let now = BoottimeClock.now()
        stateFile = RuntimeStateFile(directory: FilePath(configuration.runtimeDirectory), bootID: facts.bootID)
        let kept = stateFile.load()
        let policies = PolicyBook(configuration, kept: kept.overrides)
        self.policies = policies
        holds = kept.holds
        keptHoldOff = kept.holdOff
        schedule = StatsSchedule(policies.statsPolicy, now: now)
        controllerWatch = ControllerWatch(releaseAfter: policies.releaseAfter)
        senses = Senses(roots: roots, configuration: configuration)
        workingSet = WorkingSetNeed(
            roots: roots, settings: configuration.sensors, window: configuration.cache.coldAge)
        journal = AgentJournal(log: log)
        statusFile = StatusFile(path: configuration.statusFile, agentVersion: AgentVersion.current)
        governor = Governor(
            configuration: GovernorConfiguration(
                configuration, policies: policies.policies, memoryTotalBytes: facts.memoryTotalBytes,
                processors: facts.processors, reclaim: ReclaimWorker.support(roots)))
        engine = BalloonEngine(chunkBytes: configuration.chunkBytes, slots: configuration.slots)
        try epoll.add(signals.descriptor, for: .readable, token: Token.signals)
        try epoll.add(timer.descriptor, for: .readable, token: Token.timer)
        if let descriptor = ports.descriptor { try epoll.add(descriptor, for: .readable, token: Token.ports) }
    }

    /// Runs until a signal says stop.
    public func run() throws {
        protect()
        try listenLocally()
        listenForOomd()
        startBalloon()
        lookForPort()
        rehearse()
        ServiceManager.ready(status: "Waiting for the host")
        watchdogInterval = ServiceManager.watchdogInterval()
        let now = BoottimeClock.now()
        nextWatchdog = watchdogInterval.map { now + $0 / 2 }
        if let kept = keptHoldOff, kept.until > now {
            governor.holdOff(for: kept.until - now, because: kept.reason, now: now)
        }
        takeUpHolds(now)
        // An agent that was killed may have left its context running.
        if configuration.sensors.damon { WorkingSetSensor.removeLeftovers(roots) }
        if !engine.isEmpty { controllerWatch.lost(now: now) }
        if policies.observeOnly, !engine.isEmpty {
            // The owner has taken the balloon from the host since.
            perform(engine.releaseEverything(.notPermitted, ordered: false).actions)
        }
        updateTriggers()
        journal.record(JournalEvent(.started, "ballast-agent \(AgentVersion.current) started"))
        while !isFinished {
            arm()
            let count = try epoll.wait(milliseconds: nil)
            // Whatever else there is to do takes longer than this.
            look(BoottimeClock.now())
            for index in 0..<count { handle(epoll[index]) }
            serveUnread()
            tick()
        }
        ServiceManager.stopping()
        statusFile.remove()
        oomdHook?.close()
        workingSet.end()
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
        case Token.vsock: acceptVsock()
        case Token.oomdHook: oomdHook?.serve(now: BoottimeClock.now()) { oomdWillKill($0) }
        case Token.ports:
            while ports.next() != nil {}
            nextPortLook = 0
        default:
            if let connection = connections[event.token] {
                serve(connection, event.readiness)
            } else if let holder = pool?.holder(token: event.token) {
                serve(holder: holder)
            } else if let fired = senses.trigger(event.token) {
                pressureRose(fired, event)
            }
        }
    }

    private func takeSignals() {
        while let signal = (try? signals.next()) ?? nil {
            switch signal {
            case SIGCHLD:
                reapHolders()
                reapReclaim()
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
        reclaim?.stop(now: BoottimeClock.now())
        tell(.stoppingEvent, .stopping, engine.heldBytes, "the agent stops; the holders keep what they have")
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
            if connection.isLate(now: now) { drop(connection, nil) }
        }
        enforceReleases(now)
        if let nextSense, now >= nextSense { sense(now) }
        if let due = schedule.due, now >= due { sendPeriodicReport(now) }
        if controllerWatch.mustRelease(now: now) { controllerStayedAway(now) }
        if let due = governor.nextAsk, now >= due { considerAsk(now) }
        superviseReclaim(now)
        if let due = workingSet.endsAt, now >= due { considerWorkingSet(now) }
        oomdHook?.tick(now: now)
        if let nextAudit, now >= nextAudit { audit(now) }
        if let nextWatchdog, now >= nextWatchdog {
            ServiceManager.watchdog()
            self.nextWatchdog = watchdogInterval.map { now + $0 / 2 }
            lookForPort()
            watchForLeaks(now)
            // A VMM's balloon, or a guest that needs more than it has, is noticed without a balloon of our own too.
            if nextSense == nil { sense(now) }
        }
        if now >= nextGrow { grow(now) }
        writeStatus(now)
    }

    /// Sets the timer to the next thing that is due.
    private func arm() {
        let now = BoottimeClock.now()
        var next = min(nextPortLook, nextGrow)
        for candidate in [
            nextLook, nextSense, schedule.due, nextAudit, nextWatchdog, stopDeadline, controllerWatch.due,
            governor.nextAsk, reclaim?.deadline, nextStatus, oomdHook?.deadline, workingSet.endsAt,
        ] {
            if let candidate { next = min(next, candidate) }
        }
        for deadline in releaseDeadlines.values { next = min(next, deadline) }
        for connection in connections.values {
            if let deadline = connection.session.deadline { next = min(next, deadline) }
            if let greetBy = connection.greetBy, connection.session.role == nil { next = min(next, greetBy) }
        }
        if !unread.isEmpty { next = now }
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
        rehearseDistress()
        pool?.rehearse()
        do {
            try Memory.lockAllOnFault()
        } catch {
            log.warning("the agent's own memory could not be locked: \(error)")
        }
    }

    /// Judges a guest without memory, and words what the host and the journal are told of it, on copies.
    private func rehearseDistress() {
        let now = BoottimeClock.now()
        var (governor, engine) = (governor, engine)
        let total = facts.memoryTotalBytes
        let sample = Sample(availableBytes: 0, oomKills: 0, heldBytes: total / 2, inFlightBytes: 0)
        guard case .releaseEverything(let emergency) = governor.observe(sample, now: now) else { return }
        _ = engine.releaseEverything(emergency.reason, ordered: true)
        let event = Event(
            kind: .emergencyRelease, reason: emergency.reason, bytes: total / 2, detail: emergency.detail,
            uptimeMilliseconds: now / 1_000_000)
        _ = ToHost(message: .event(event)).encoded()
        _ = JournalEvent(event)
        let inputs = AskInputs(
            availableBytes: 0, balloonBytes: 0, targetBytes: total / 2, vmBytes: total)
        if let wanted = governor.ask(inputs, now: now) { _ = ToHost(message: .ask(message(wanted))).encoded() }
        if let pause = governor.holdOff(now: now) {
            let state = RuntimeState(holdOff: RuntimeState.HoldOff(reason: pause.reason, until: pause.until))
            _ = RuntimeStateText.encode(state, bootID: facts.bootID)
        }
        considerAsk(now)
    }
}
