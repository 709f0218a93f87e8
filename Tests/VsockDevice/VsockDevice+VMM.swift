import Glibc
import Linux
import VsockModel

extension VsockDevice {
    func acceptVMM() {
        guard let socket = try? UnixSocket.accept(vmmListener.descriptor) else { return }
        // One at a time; a second one sees its connection end.
        guard vmm == nil else { return }
        do {
            try epoll.add(socket.descriptor, for: .readable, token: Token.vmm)
            vmm = VMMChannel(socket)
        } catch {
            say("\(error)")
        }
    }

    /// The state before any VMM has come.
    func forgetVMM() {
        for ring in rings { _ = stop(ring) }
        vmm = nil
        mapped = nil
        features = 0
        rings = [Ring(index: 0), Ring(index: 1)]
        dropConnections()
        closeStreams()
    }

    func readVMM() {
        do {
            while let vmm, let message = try vmm.next() {
                if let reply = try handle(message) { try vmm.send(reply) }
            }
        } catch {
            say("\(error)")
            forgetVMM()
        }
    }

    /// Does what a message asks for; the reply, if it wants one.
    private func handle(_ message: VMMChannel.Message) throws(DeviceError) -> [UInt8]? {
        let header = message.header
        guard let request = VhostUserRequest(rawValue: header.request) else {
            say("the VMM asks for \(header.request), which this device does not know")
            return header.wantsReply ? header.reply(1) : nil
        }
        switch request {
        case .getFeatures: return header.reply(VhostUserFeatures.offered)
        case .getProtocolFeatures: return header.reply(VhostUserFeatures.protocolOffered)
        case .getQueueCount: return header.reply(2)
        case .getConfiguration: return header.reply(configuration(message.payload))
        case .getRingBase:
            let state = try state(message)
            return header.reply(RingState(index: state.index, number: UInt32(stop(rings[Int(state.index)]))).encoded)
        default: break
        }
        var failure: UInt64 = 0
        do {
            try change(request, message)
        } catch {
            // The VMM may go on without, as long as it gets to know.
            guard header.wantsReply else { throw error }
            say("\(error)")
            failure = 1
        }
        return header.wantsReply ? header.reply(failure) : nil
    }

    private func change(_ request: VhostUserRequest, _ message: VMMChannel.Message) throws(DeviceError) {
        switch request {
        case .setFeatures:
            guard message.payload.count >= 8 else { throw DeviceError("features are missing") }
            features = number(message.payload)
            // Without this feature there is no request that enables rings.
            for ring in rings { ring.isEnabled = features & VhostUserFeatures.protocolFeatures == 0 }
        case .setMemoryTable: try remap(message)
        case .setRingSize:
            let state = try state(message)
            rings[Int(state.index)].size = state.number
        case .setRingBase:
            let state = try state(message)
            rings[Int(state.index)].base = UInt16(truncatingIfNeeded: state.number)
        case .setRingAddress:
            guard let address = RingAddress(message.payload.span), address.index < rings.count else {
                throw DeviceError("a ring's address is wrong")
            }
            rings[Int(address.index)].address = address
        case .setRingEnabled:
            let state = try state(message)
            rings[Int(state.index)].isEnabled = state.number == 1
            if state.number != 1 { pause(rings[Int(state.index)]) }
        case .setRingKick:
            let (ring, descriptor) = try descriptor(message)
            try watchKicks(of: ring, descriptor)
        case .setRingCall:
            let (ring, descriptor) = try descriptor(message)
            ring.call = descriptor
        case .setRingError:
            let (ring, descriptor) = try descriptor(message)
            ring.error = descriptor
        case .resetDevice, .resetOwner:
            for ring in rings { ring.stopped = nil }
            dropConnections()
        case .setConfiguration: throw DeviceError("the configuration cannot be written")
        case .setOwner, .setProtocolFeatures, .getFeatures, .getProtocolFeatures, .getQueueCount, .getConfiguration,
            .getRingBase:
            break
        }
    }

    /// Offset, size and flags as asked for, then the part of the configuration: the CID as 8 bytes, then zeros.
    private func configuration(_ payload: [UInt8]) -> [UInt8] {
        var answer = payload
        for index in 12..<max(12, payload.count) { answer[index] = 0 }
        guard payload.count >= 12 else { return [] }
        let offset = Int(number(Array(payload[0..<4])))
        for index in 0..<8 where index >= offset && 12 + index - offset < answer.count {
            answer[12 + index - offset] = UInt8(truncatingIfNeeded: options.guestCID >> (8 * index))
        }
        return answer
    }

    private func remap(_ message: VMMChannel.Message) throws(DeviceError) {
        guard let table = MemoryTable(message.payload.span) else {
            throw DeviceError("the memory table makes no sense")
        }
        let fresh = try MappedTable(table, message.descriptors)
        // Rings that run go on where they are, wherever that is mapped now.
        for ring in rings { pause(ring) }
        mapped = fresh
        tables += 1
        if let path = options.memoryTable { try write(fresh.json(number: tables), to: path) }
    }

    /// Whoever reads the file finds it whole.
    private func write(_ text: String, to path: String) throws(DeviceError) {
        let fresh = "\(path).new"
        let file = unsafe open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        let bytes = Array(text.utf8)
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
        Glibc.close(file)
        guard count == bytes.count, unsafe rename(fresh, path) == 0 else {
            throw DeviceError("\(path) cannot be written: errno \(errno)")
        }
    }

    /// Takes a ring out of use; where it will go on is known.
    private func pause(_ ring: Ring) {
        guard let queue = ring.queue else { return }
        ring.base = queue.nextAvailable
        ring.stopped = ring.base
        ring.queue = nil
    }

    /// Stops a ring; returns where it was.
    private func stop(_ ring: Ring) -> UInt16 {
        pause(ring)
        ring.isStarted = false
        ring.isBroken = false
        if let kick = ring.kick { epoll.remove(kick.descriptor) }
        ring.kick = nil
        return ring.base
    }

    private func watchKicks(of ring: Ring, _ descriptor: OwnedDescriptor?) throws(DeviceError) {
        if let old = ring.kick { epoll.remove(old.descriptor) }
        ring.kick = descriptor
        ring.isStarted = true
        guard let descriptor else { throw DeviceError("a ring without kicks would have to be polled") }
        _ = fcntl(descriptor.rawValue, F_SETFL, fcntl(descriptor.rawValue, F_GETFL) | O_NONBLOCK)
        do {
            try epoll.add(descriptor.descriptor, for: .readable, token: Token.firstKick + UInt64(ring.index))
        } catch {
            throw DeviceError("\(error)")
        }
    }

    private func state(_ message: VMMChannel.Message) throws(DeviceError) -> RingState {
        guard let state = RingState(message.payload.span), state.index < rings.count else {
            throw DeviceError("request \(message.header.request) is for no ring of this device")
        }
        return state
    }

    private func descriptor(_ message: VMMChannel.Message) throws(DeviceError) -> (Ring, OwnedDescriptor?) {
        guard let place = RingDescriptor(message.payload.span), place.index < rings.count else {
            throw DeviceError("request \(message.header.request) is for no ring of this device")
        }
        guard place.hasDescriptor else { return (rings[Int(place.index)], nil) }
        guard message.descriptors.count == 1 else { throw DeviceError("a descriptor is missing") }
        return (rings[Int(place.index)], message.descriptors[0])
    }

    private func number(_ bytes: [UInt8]) -> UInt64 {
        bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
