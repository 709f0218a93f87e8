import Linux
import SystemPackage
import VsockModel

extension VsockDevice {
    /// Streams that have not become connections yet count too.
    private var mostStreams: Int { options.connections + 64 }

    func acceptIfRoom() throws(LinuxError) {
        let wanted = streams.count < mostStreams
        guard wanted != isAccepting else { return }
        if wanted {
            try epoll.add(hostListener.descriptor, for: .readable, token: Token.hostListener)
        } else {
            epoll.remove(hostListener.descriptor)
        }
        isAccepting = wanted
    }

    func acceptHosts() {
        while streams.count < mostStreams {
            guard let socket = try? UnixSocket.accept(hostListener.descriptor) else { return }
            watch(HostStream(token: nextToken, socket: socket, phase: .dialing(DialLine())))
        }
    }

    /// Readiness that is new.
    func handle(_ readiness: Epoll.Readiness, of stream: HostStream) {
        if !readiness.isDisjoint(with: [.hangUp, .error]) { stream.hasHungUp = true }
        if !readiness.isDisjoint(with: [.readable, .peerClosed, .hangUp, .error]) { stream.isReadable = true }
        if readiness.contains(.writable) { stream.isWritable = true }
        switch stream.phase {
        case .dialing(let line): dial(stream, line)
        case .asking(let id):
            if stream.hasHungUp { table.hostLeft(id) }
        case .open(let id):
            list(stream)
            if stream.isWritable { deliver(id) }
            if stream.readingEnded, stream.hasHungUp { table.hostLeft(id) }
        }
        perform()
    }

    private func dial(_ stream: HostStream, _ line: DialLine) {
        var line = line
        while true {
            // One byte at a time: what follows the line is for the guest.
            guard case .moved = stream.read(into: &buffer, at: 0, count: 1) else {
                if stream.isReadable { close(stream) }
                return
            }
            switch line.feed(buffer[0]) {
            case .incomplete: stream.phase = .dialing(line)
            case .wrong: return close(stream)
            case .port(let port):
                guard guestIsThere, let id = table.connect(to: port) else { return close(stream) }
                stream.phase = .asking(id)
                streamOf[id] = stream
                if stream.hasHungUp { table.hostLeft(id) }
                return
            }
        }
    }

    /// Does what the connections ask for.
    func perform() {
        while true {
            let actions = table.takeActions()
            if actions.isEmpty { return }
            for action in actions { perform(action) }
        }
    }

    private func perform(_ action: HostAction) {
        switch action {
        case .dial(let id, let port):
            guard let socket = try? UnixSocket.connect(to: FilePath("\(options.socket)_\(port)")) else {
                return table.abort(id)
            }
            let stream = HostStream(token: nextToken, socket: socket, phase: .open(id))
            streamOf[id] = stream
            table.accept(id)
            watch(stream)
        case .established(let id, let hostPort):
            guard let stream = streamOf[id] else { return }
            stream.phase = .open(id)
            let answer = DialLine.answer(hostPort: hostPort)
            // Nothing else is in the socket, so there is room.
            guard stream.write(answer.span) == .moved(answer.count) else { return table.hostLeft(id) }
            list(stream)
        case .deliver(let id): deliver(id)
        case .endWriting(let id): streamOf[id]?.endWriting()
        case .endReading(let id): streamOf[id]?.endReading()
        case .resume(let id):
            if let stream = streamOf[id] { list(stream) }
        case .close(let id):
            if let stream = streamOf.removeValue(forKey: id) { close(stream) }
        }
    }

    private func deliver(_ id: ConnectionID) {
        guard let stream = streamOf[id] else { return }
        var hasFailed = false
        while !hasFailed, stream.isWritable {
            let more = table.deliver(id) { bytes in
                switch stream.write(bytes) {
                case .moved(let count): return count
                case .notNow, .ended: return 0
                case .failed:
                    hasFailed = true
                    return 0
                }
            }
            if !more { break }
        }
        // It may still have sent something, which the guest gets.
        if hasFailed { table.hostEndedReceiving(id) }
    }

    /// The stream has no more bytes.
    func hostEnded(_ stream: HostStream, _ id: ConnectionID) {
        stream.readingEnded = true
        if stream.hasHungUp { table.hostLeft(id) } else { table.hostEndedSending(id) }
    }

    /// Puts a stream with bytes for the guest into the list.
    func list(_ stream: HostStream) {
        guard stream.isOpen, stream.isReadable, !stream.readingEnded, !stream.isListed else { return }
        stream.isListed = true
        readable.append(stream)
    }

    func nextReadable() -> HostStream? {
        guard let stream = readable.popFirst() else { return nil }
        stream.isListed = false
        return stream.readingEnded || streams[stream.token] == nil ? nil : stream
    }

    private func watch(_ stream: HostStream) {
        nextToken += 1
        streams[stream.token] = stream
        do {
            try epoll.add(
                stream.socket.descriptor, for: [.readable, .writable, .peerClosed, .edgeTriggered],
                token: stream.token)
        } catch {
            say("\(error)")
            if let id = stream.connection { table.abort(id) } else { close(stream) }
        }
    }

    private func close(_ stream: HostStream) {
        streams[stream.token] = nil
        stream.socket.close()
    }

    /// Also those that are not connected to the guest.
    func closeStreams() {
        for stream in streams.values { stream.socket.close() }
        streams.removeAll()
        streamOf.removeAll()
        readable = Fifo()
    }
}
