import Glibc
import Linux
import VsockModel

/// The connection to the VMM: whole vhost-user messages with the descriptors that came along.
final class VMMChannel {
    /// One message.
    struct Message {
        var header: VhostUserHeader
        var payload: [UInt8]
        /// Descriptors in the order in which they were sent.
        var descriptors: [OwnedDescriptor]
    }

    /// Descriptors in one message at most: one for each region of memory.
    private static let mostDescriptors = 8

    let socket: OwnedDescriptor
    private var bytes: [UInt8] = []
    private var descriptors: [OwnedDescriptor] = []

    init(_ socket: OwnedDescriptor) { self.socket = socket }

    /// The next message; nil where it is not complete yet.
    func next() throws(DeviceError) -> Message? {
        while true {
            var missing = VhostUserHeader.byteCount - bytes.count
            if missing <= 0 {
                guard let header = VhostUserHeader(bytes.span) else {
                    throw DeviceError("the VMM sent no vhost-user message of version 1")
                }
                missing = VhostUserHeader.byteCount + Int(header.size) - bytes.count
                if missing == 0 {
                    defer {
                        bytes.removeAll(keepingCapacity: true)
                        descriptors.removeAll()
                    }
                    return Message(
                        header: header, payload: Array(bytes[VhostUserHeader.byteCount...]), descriptors: descriptors)
                }
            }
            // Never more than this message's own bytes, so that the descriptors are its own too.
            guard try receive(missing) else { return nil }
        }
    }

    /// Sends a reply; the VMM waits for it, so there is room.
    func send(_ reply: [UInt8]) throws(DeviceError) {
        let count = unsafe reply.withUnsafeBytes {
            unsafe Glibc.send(socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count == reply.count else { throw DeviceError("the VMM does not take a reply: errno \(errno)") }
    }

    /// Reads up to `count` bytes, and descriptors; false where nothing is there yet.
    private func receive(_ count: Int) throws(DeviceError) -> Bool {
        var buffer = [UInt8](repeating: 0, count: count)
        var control = [UInt64](repeating: 0, count: 2 + (4 * Self.mostDescriptors + 7) / 8)
        var received = 0
        var controlBytes = 0
        var truncated = false
        unsafe buffer.withUnsafeMutableBytes { buffer in
            unsafe control.withUnsafeMutableBytes { control in
                var vector = unsafe iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
                unsafe withUnsafeMutablePointer(to: &vector) { vector in
                    var message = unsafe msghdr(
                        msg_name: nil, msg_namelen: 0, msg_iov: vector, msg_iovlen: 1, msg_control: control.baseAddress,
                        msg_controllen: control.count, msg_flags: 0)
                    repeat {
                        received = unsafe recvmsg(
                            socket.rawValue, &message,
                            Int32(MSG_DONTWAIT) | Int32(MSG_CMSG_CLOEXEC))
                    } while received < 0 && errno == EINTR
                    controlBytes = unsafe Int(message.msg_controllen)
                    truncated = unsafe message.msg_flags & Int32(MSG_CTRUNC) != 0
                }
            }
        }
        if received < 0 && errno == EAGAIN { return false }
        if received > 0 { takeDescriptors(control, controlBytes) }
        guard received > 0 else { throw DeviceError("the VMM is gone") }
        guard !truncated, descriptors.count <= Self.mostDescriptors else {
            throw DeviceError("the VMM sent too many descriptors")
        }
        bytes += buffer[..<received]
        return true
    }

    /// Takes the descriptors out of the one control message that they come in: a header of 16 bytes (size, level,
    /// type), then their numbers.
    private func takeDescriptors(_ control: [UInt64], _ byteCount: Int) {
        guard byteCount >= 16, control[1] == UInt64(SOL_SOCKET) | 1 << 32 else { return }
        let count = (Int(clamping: min(control[0], UInt64(byteCount))) - 16) / 4
        for index in 0..<max(0, count) {
            let word = control[2 + index / 2]
            let number = Int32(truncatingIfNeeded: index % 2 == 0 ? word : word >> 32)
            descriptors.append(OwnedDescriptor(rawValue: number))
        }
    }
}
