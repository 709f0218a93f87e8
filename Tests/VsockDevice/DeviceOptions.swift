/// What the command line says.
struct DeviceOptions {
    /// The socket to which QEMU's chardev connects.
    var vhostUser = ""
    /// The hybrid socket, for programs of the host; the guest's own connections go to this path with `_PORT`.
    var socket = ""
    /// The guest's CID.
    var guestCID: UInt64 = 3
    /// The file that gets the guest's memory table.
    var memoryTable: String?
    /// The host's ports of connections that the host opens.
    var hostPorts: ClosedRange<UInt32> = 1 << 30...UInt32.max - 1
    /// Bytes of buffer for each connection.
    var bufferBytes = 256 << 10
    /// Connections at the same time.
    var connections = 1024

    static let usage = """
        usage: vsock-device --vhost-user PATH --socket PATH [--cid N] [--memory-table FILE] [--host-ports FIRST-LAST]
                            [--buffer BYTES] [--connections N]
        The vsock of one guest over vhost-user, for tests. Prints "ready" once both sockets listen.

        """

    /// Reads the arguments, the program's name not among them; nil where they make no sense.
    init?(_ arguments: [String]) {
        guard arguments.count % 2 == 0 else { return nil }
        for index in stride(from: 0, to: arguments.count, by: 2) {
            let value = arguments[index + 1]
            switch arguments[index] {
            case "--vhost-user": vhostUser = value
            case "--socket": socket = value
            case "--memory-table": memoryTable = value
            case "--cid":
                // 0 to 2 have meanings of their own.
                guard let number = UInt64(value), number > 2, number < UInt32.max else { return nil }
                guestCID = number
            case "--host-ports":
                let words = value.split(separator: "-")
                guard words.count == 2, let first = UInt32(words[0]), let last = UInt32(words[1]), first > 0,
                    first <= last, last < .max
                else { return nil }
                hostPorts = first...last
            case "--buffer":
                guard let number = Int(value), (1...1 << 30).contains(number) else { return nil }
                bufferBytes = number
            case "--connections":
                guard let number = Int(value), (1...10_000).contains(number) else { return nil }
                connections = number
            default: return nil
            }
        }
        guard !vhostUser.isEmpty, !socket.isEmpty else { return nil }
    }
}
