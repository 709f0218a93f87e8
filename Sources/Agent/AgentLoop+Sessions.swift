import Balloon
import Governor
import Linux
import SystemPackage
import Wire

extension AgentLoop {
    // MARK: Transports

    /// Opens the virtio-serial port where it is, and notices when the host's side comes or goes.
    func lookForPort() {
        let now = BoottimeClock.now()
        while ports.next() != nil {}
        lookForVsock(now)
        let open = connections.values.first { $0.transport == .port }
        if let open {
            let present = PortPoll.hostIsPresent(open.descriptor.descriptor)
            if open.peerIsAbsent && present {
                open.peerIsAbsent = false
                serve(open, [.readable, .writable])
            } else if !open.peerIsAbsent && !present {
                hostLeft(open)
            }
            // Edges wake us; this is for those that were missed.
            if !open.peerIsAbsent { portPatience = Self.longestPortPatience }
            waitForPort(now)
            return
        }
        waitForPort(now)
        guard let device = VirtioSerialPort.find(name: configuration.port) else { return }
        do {
            let descriptor = try VirtioSerialPort.open(device)
            let connection = Connection(transport: .port, token: newToken(), descriptor: descriptor, now: now)
            try epoll.add(
                descriptor.descriptor, for: [.readable, .writable, .hangUp, .edgeTriggered], token: connection.token)
            connections[connection.token] = connection
            log.info("port \(configuration.port) is \(device)")
            portPatience = Self.shortestPortPatience
            nextPortLook = now
        } catch {
            log.warning("port \(configuration.port): \(error)")
        }
    }

    func listenLocally() throws {
        guard !configuration.socket.isEmpty else { return }
        let path = FilePath(configuration.socket)
        let socket = try UnixSocket.listen(at: path)
        try epoll.add(socket.descriptor, for: .readable, token: Token.listener)
        listener = socket
    }

    func acceptLocal() {
        guard let listener else { return }
        while let socket = (try? UnixSocket.accept(listener.descriptor)) ?? nil {
            // The file's rights say so too; this holds where the directory's were loosened.
            guard let peer = try? UnixSocket.peer(of: socket.descriptor), peer.userID == 0 else { continue }
            guard connections.values.count(where: { $0.transport == .local }) < 64 else {
                log.warning("too many local connections; one was turned away")
                continue
            }
            keep(
                Connection(
                    transport: .local, token: newToken(), descriptor: socket, now: BoottimeClock.now()))
        }
    }

    /// Serves an accepted connection from now on.
    func keep(_ connection: Connection) {
        let interest: Epoll.Readiness = [.readable, .writable, .peerClosed, .edgeTriggered]
        guard (try? epoll.add(connection.descriptor.descriptor, for: interest, token: connection.token)) != nil else {
            return
        }
        connections[connection.token] = connection
    }

    /// Reads and writes what can be.
    func serve(_ connection: Connection, _ readiness: Epoll.Readiness) {
        do throws(LinuxError) {
            if readiness.contains(.writable) { try connection.flush() }
            try read(connection)
            try connection.flush()
        } catch {
            drop(connection, error)
        }
    }

    private func read(_ connection: Connection) throws(LinuxError) {
        unread.remove(connection.token)
        var done = 0
        while connections[connection.token] != nil {
            // Whoever sends without end takes its turns beside the others.
            let left = connection.turn.map { $0 - done } ?? readBuffer.count
            guard left > 0 else {
                unread.insert(connection.token)
                return
            }
            let outcome = try unsafe readBuffer.withUnsafeMutableBufferPointer {
                bytes throws(LinuxError) -> ByteChannel.Outcome in
                let size = min(bytes.count, left)
                return try unsafe ByteChannel.read(
                    connection.descriptor.descriptor,
                    into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[..<size])))
            }
            switch outcome {
            case .wouldBlock: return
            case .closed:
                if connection.transport == .port {
                    hostLeft(connection)
                } else {
                    drop(connection, nil)
                }
                return
            case .bytes(let count):
                done += count
                connection.peerIsAbsent = false
                guard connection.mayRead(count) else { return drop(connection, nil) }
                act(connection.session.receive(readBuffer[0..<count], now: BoottimeClock.now()), on: connection)
                // Nothing of an earlier peer can be on a connection of its own: who babbles there does it on purpose.
                if connection.transport == .vsock, !connection.session.faults.isEmpty { drop(connection, nil) }
            }
        }
    }

    /// The host closed its side of the port; the port stays open for the next.
    private func hostLeft(_ connection: Connection) {
        if connection.peerIsAbsent { return }
        connection.peerIsAbsent = true
        connection.dropOutput()
        act(connection.session.closed(), on: connection)
        portPatience = Self.shortestPortPatience
        nextPortLook = BoottimeClock.now() + 250_000_000
    }

    /// The next look at the port: soon after something changed, ever later at rest. The watchdog's wake-up, where there
    /// is one, then does for both, so that an idle agent has no other.
    private func waitForPort(_ now: UInt64) {
        nextPortLook = portPatience == Self.longestPortPatience && nextWatchdog != nil ? .max : now + portPatience
        portPatience = min(portPatience * 2, Self.longestPortPatience)
    }

    func drop(_ connection: Connection, _ error: LinuxError?) {
        guard connections.removeValue(forKey: connection.token) != nil else { return }
        unread.remove(connection.token)
        if let error { log.info("a connection ended: \(error)") }
        epoll.remove(connection.descriptor.descriptor)
        act(connection.session.closed(), on: connection)
        connection.descriptor.close()
        if connection.transport == .port { nextPortLook = BoottimeClock.now() + 500_000_000 }
    }

    // MARK: Sessions

    func act(_ actions: [AgentSession.Action], on connection: Connection) {
        var isOver = false
        for action in actions {
            // Whoever is gone gets no answers any more, but its session has to end.
            if isOver || connections[connection.token] == nil {
                guard case .ended = action else { continue }
            }
            switch action {
            case .transmit(let bytes):
                guard connection.queue(bytes) else {
                    log.warning("a peer does not read; its session ends")
                    connection.dropOutput()
                    isOver = true
                    if connection.transport == .port {
                        act(connection.session.closed(), on: connection)
                    } else {
                        drop(connection, nil)
                    }
                    continue
                }
                do throws(LinuxError) {
                    try connection.flush()
                } catch {
                    drop(connection, error)
                }
            case .hello(let hello): greet(hello, on: connection)
            case .request(let request, let message):
                // However many questions come in one piece, memory is looked at when that is due.
                look(BoottimeClock.now())
                answer(request, message, on: connection)
            case .unsent(let bytes):
                log.error("a message of \(bytes) bytes is longer than a frame may be and was not sent")
            case .ended(let fault):
                if controller == connection.token { controllerLeft(fault) }
            }
        }
    }

    private func greet(_ hello: Hello, on connection: Connection) {
        connection.peer = String(hello.peer.prefix(64))
        guard hello.role == .controller else {
            let others = connections.values.count { $0.transport == .vsock && $0.session.role == .observer }
            if connection.transport == .vsock, others >= ConnectionQuota.observers {
                let failure = Failure(code: .busy, message: "\(others) observers are here over vsock already")
                return act(connection.session.reject(failure), on: connection)
            }
            act(connection.session.accept(reply()), on: connection)
            return
        }
        if let other = controller, other != connection.token {
            let failure = Failure(code: .busy, message: "another controller has this agent")
            act(connection.session.reject(failure), on: connection)
            return
        }
        guard let nonce = Nonce(bytes: hello.nonce) else {
            let failure = Failure(
                code: .refused, message: "a controller's Hello needs a nonce of 16 bytes, not all zero")
            act(connection.session.reject(failure), on: connection)
            return
        }
        controller = connection.token
        controllerName = String(hello.peer.prefix(64))
        vmBytes = hello.vmBytes > 0 && hello.vmBytes < 1 << 52 ? hello.vmBytes : nil
        controllerWatch.connected()
        self.nonce = nonce
        lastAnswer = nil
        act(connection.session.accept(reply()), on: connection)
        guard controller == connection.token else { return }
        tell(.controllerConnected, .noReason, engine.heldBytes, "", peer: controllerName)
        if let ask { tellController(.ask(ask)) }
        guard controller == connection.token else { return }
        let granuleIsKnown = hello.granuleBytes <= 4096 || hello.granuleBytes == BalloonEngine.granule
        wholePages = hello.granuleBytes == BalloonEngine.granule
        let permitted = hello.agentBalloon && balloonRefusal == nil && granuleIsKnown
        FailPoint.hit("agent.session")
        perform(
            engine.sessionBegan(
                permitsOffers: permitted, maximumInFlight: Int(clamping: hello.maxInFlight)))
        if !permitted {
            let granule = "the host discards in runs of \(hello.granuleBytes) bytes, which this agent does not know"
            let (reason, detail) = balloonRefusal ?? (.notPermitted, granuleIsKnown ? hello.refusal : granule)
            setLimit(reason, detail)
        }
        let now = BoottimeClock.now()
        nextAudit = configuration.auditPeriod == 0 ? nil : now + configuration.auditPeriod
        nextGrow = now
    }

    private func controllerLeft(_ fault: SessionFault) {
        controller = nil
        nonce = nil
        nextAudit = nil
        journal.record(
            JournalEvent(
                .controllerDisconnected, "the session with \(controllerName) ended: \(fault.code)",
                bytes: engine.heldBytes, peer: controllerName))
        perform(engine.sessionEnded())
        if !engine.isEmpty { controllerWatch.lost(now: BoottimeClock.now()) }
    }

    private func reply() -> HelloReply {
        HelloReply(
            agentVersion: AgentVersion.current, kernel: facts.kernel, bootId: facts.bootID, instance: instance,
            pageBytes: 4096, processors: UInt32(clamping: facts.processors),
            memoryTotalBytes: facts.memoryTotalBytes, balloonAvailable: balloonRefusal == nil,
            balloonRefusal: balloonRefusal?.reason ?? .noReason,
            balloonRefusalDetail: balloonRefusal?.detail ?? "", chunkBytes: engine.chunkBytes,
            slots: UInt32(clamping: pool?.slots ?? 0), heldBytes: engine.heldBytes, policy: policyState)
    }

    /// Tells the controller, where there is one.
    func tellController(_ message: ToHost.Message, inReplyTo request: UInt64 = 0) {
        guard let controller, let connection = connections[controller] else { return }
        act(connection.session.send(message, inReplyTo: request), on: connection)
    }

    // MARK: Requests

    private func answer(_ request: UInt64, _ message: ToGuest.Message, on connection: Connection) {
        switch message {
        case .hello: break
        case .setTarget(let wanted): setTarget(wanted, request)
        case .offerResult(let result):
            FailPoint.hit("agent.answered")
            let (known, actions) = engine.answered(result)
            if !known { log.warning("the host answered an offer that is not out: chunk \(result.chunk)") }
            perform(actions)
            nextGrow = min(nextGrow, BoottimeClock.now() + (result.status == .discarded ? 0 : 500_000_000))
        case .query(let query):
            guard !connection.isMetered || meteredQueries.take(now: BoottimeClock.now()) else {
                let failure = Failure(code: .busy, message: "at most 20 queries a second without a port below 1024")
                return act(connection.session.send(.failure(failure), inReplyTo: request), on: connection)
            }
            act(connection.session.send(.report(report(query.topics)), inReplyTo: request), on: connection)
        case .setPolicy(let change):
            act(connection.session.send(setPolicy(change, connection), inReplyTo: request), on: connection)
        case .hold(let wanted):
            act(connection.session.send(.holdState(setHold(wanted, connection)), inReplyTo: request), on: connection)
        case .release:
            // While the guest's administrator forbids inflation the target may stand: it counts again afterwards.
            if connection.token == controller || holds.remaining(now: BoottimeClock.now()) == 0 {
                target = nil
                lastAnswer = nil
                setLimit(.noReason, "")
                perform(engine.setWanted(nil))
            }
            let (bytes, actions) = engine.releaseEverything(.requested, ordered: false)
            perform(actions)
            journal.record(
                JournalEvent(
                    .requestedRelease, "\(ByteSize.format(bytes)) released, as was asked for", bytes: bytes,
                    reason: .requested, peer: connection.peer))
            act(
                connection.session.send(.releaseAnswer(ReleaseAnswer(bytes: bytes)), inReplyTo: request), on: connection
            )
        case .reoffer(let wanted):
            engine.reoffer(Array(wanted.chunks.prefix(4096)), onlyMoved: false)
            nextGrow = BoottimeClock.now()
        case .goodbye:
            act(connection.session.closed(), on: connection)
        }
    }

    private func setTarget(_ wanted: SetTarget, _ request: UInt64) {
        guard wanted.targetBytes <= wanted.vmBytes, wanted.vmBytes > 0, wanted.vmBytes < 1 << 52 else {
            tellController(
                .failure(Failure(code: .refused, message: "a target lies between 0 and the size of the VM")),
                inReplyTo: request)
            return
        }
        if let refusal = policies.targetRefusal {
            let kept = wanted.vmBytes - min(engine.heldBytes, wanted.vmBytes)
            tellController(
                .targetAnswer(
                    TargetAnswer(
                        outcome: .refused, reachableBytes: kept, reason: refusal.reason, detail: refusal.detail,
                        heldBytes: engine.heldBytes, targetBytes: wanted.targetBytes)), inReplyTo: request)
            return
        }
        target = wanted
        emptyRefusals = 0
        (limitNoted, limitNotedUntil) = (.noReason, 0)
        statusIsStale = true
        let now = BoottimeClock.now()
        schedule.noticed(now: now)
        perform(engine.setWanted(wanted.vmBytes - wanted.targetBytes))
        tellController(.targetAnswer(judge(wanted, now)), inReplyTo: request)
        nextGrow = now
    }

    private func judge(_ wanted: SetTarget, _ now: UInt64) -> TargetAnswer {
        let held = engine.heldBytes &+ engine.inFlightBytes
        var answer = TargetAnswer(heldBytes: engine.heldBytes, targetBytes: wanted.targetBytes)
        if let balloonRefusal, wanted.vmBytes - wanted.targetBytes > held {
            answer.outcome = .refused
            answer.reachableBytes = wanted.vmBytes - min(held, wanted.vmBytes)
            (answer.reason, answer.detail) = balloonRefusal
        } else if let inputs = inputs() {
            let verdict = governor.answer(
                target: wanted.targetBytes, vmBytes: wanted.vmBytes, balloonBytes: held, inputs: inputs, now: now)
            answer.outcome = verdict.outcome
            answer.reachableBytes = verdict.reachableBytes
            answer.reason = verdict.reason
            answer.detail = verdict.detail
        } else {
            answer.outcome = .accepted
            answer.reachableBytes = wanted.targetBytes
        }
        lastAnswer = answer
        if answer.outcome == .accepted { setLimit(.noReason, "") }
        return answer
    }

    /// Notes what keeps the balloon from its target, and tells the host when that changed.
    func setLimit(_ reason: Reason, _ detail: String) {
        let changed = limit.reason != reason
        if changed { statusIsStale = true }
        limit = (reason, detail)
        guard changed, let target else { return }
        noteLimit(target)
        guard let before = lastAnswer else { return }
        var answer = before
        answer.reason = reason
        answer.detail = detail
        answer.heldBytes = engine.heldBytes
        let kept = target.vmBytes - min(target.vmBytes, engine.heldBytes &+ engine.inFlightBytes)
        answer.outcome = reason == .noReason ? .accepted : kept < target.vmBytes ? .partly : .refused
        answer.reachableBytes = reason == .noReason ? target.targetBytes : kept
        guard answer.outcome != before.outcome || answer.reason != before.reason else { return }
        lastAnswer = answer
        tellController(.targetAnswer(answer))
    }

    /// Tells the journal what keeps the balloon from its target, once a minute at most: near a limit it comes and goes.
    private func noteLimit(_ target: SetTarget) {
        let now = BoottimeClock.now()
        guard limit.reason != .noReason, limit.reason != limitNoted, now >= limitNotedUntil else { return }
        limitNoted = limit.reason
        limitNotedUntil = now + 60_000_000_000
        let held = engine.heldBytes
        let wanted = target.vmBytes - min(target.targetBytes, target.vmBytes)
        journal.record(
            JournalEvent(
                .limited,
                "the balloon stays at \(ByteSize.format(held)) of \(ByteSize.format(wanted)): \(limit.detail)",
                bytes: held, reason: limit.reason
            ).with(heldBytes: held, targetBytes: target.targetBytes))
    }
}
