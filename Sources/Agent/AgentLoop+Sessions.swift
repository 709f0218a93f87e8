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
        lookForVsock()
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
}
