import Linux
import Wire

extension AgentLoop {
    /// The most connections that are accepted in one turn of the loop: a flood of them waits for everything else.
    private static let acceptedATurn = 16

    /// Listens on vsock as soon as the guest has it.
    func lookForVsock() {
        guard configuration.vsock.isEnabled, vsockListener == nil, VsockSocket.isLoaded() else { return }
        do throws(LinuxError) {
            let socket = try VsockSocket.listen(port: configuration.vsock.port)
            try epoll.add(socket.descriptor, for: .readable, token: Token.vsock)
            vsockListener = socket
            vsockProblem = nil
            log.info("vsock port \(configuration.vsock.port) is open to the host")
        } catch {
            // Somebody may have the port for a while; each reason is told once.
            guard error.description != vsockProblem else { return }
            vsockProblem = error.description
            log.warning("\(error)")
        }
    }

    func acceptVsock() {
        guard let vsockListener else { return }
        let door = VsockDoor(settings: configuration.vsock)
        for _ in 0..<Self.acceptedATurn {
            let accepted: (socket: OwnedDescriptor, peer: VsockAddress)?
            do throws(LinuxError) {
                accepted = try VsockSocket.accept(vsockListener.descriptor)
            } catch {
                // What waits stays in the queue, and would wake the loop again at once. A new listener comes with the
                // next look for one.
                log.warning("the vsock listener is opened anew: \(error)")
                epoll.remove(vsockListener.descriptor)
                self.vsockListener = nil
                return
            }
            guard let (socket, peer) = accepted else { return }
            let connection = Connection(
                vsock: door.judge(peer), token: newToken(), descriptor: socket, now: BoottimeClock.now())
            let present = connections.values.filter { $0.transport == .vsock }.map {
                ConnectionQuota.Entry(
                    token: $0.token, trust: $0.trust, isEstablished: $0.session.role != nil)
            }
            switch ConnectionQuota.judge(present, newcomer: connection.trust) {
            case .take: break
            case .replace(let token): if let other = connections[token] { drop(other, nil) }
            case .turnAway: continue
            }
            keep(connection)
        }
    }

    /// Goes on with connections that sent more than one turn allows.
    func serveUnread() {
        for token in unread {
            if let connection = connections[token] { serve(connection, .readable) } else { unread.remove(token) }
        }
    }
}
