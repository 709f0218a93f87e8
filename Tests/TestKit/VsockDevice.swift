import Glibc

/// A guest's vsock, run by the `vsock-device` of this build, for the length of a closure:
/// ```swift
/// try await VsockDevice.with { vsock in
///     try await Guest.with(.init(vsock: vsock)) { guest in
///         let stream = try await vsock.connect(to: 700)
///     }
/// }
/// ```
/// One guest at a time; a second one may follow the first.
public final class VsockDevice: Sendable {
    /// What may differ from one device to the next.
    public struct Settings: Sendable {
        /// The guest's CID.
        public var guestCID: UInt64 = 3
        /// The ports of the host that the guest sees, for connections that the host opens; nil for those of
        /// Firecracker and Cloud Hypervisor, which are all above 1023.
        public var hostPorts: ClosedRange<UInt32>?
        /// Bytes of buffer for each connection that the guest is told.
        public var bufferBytes: Int?

        /// The usual settings.
        public init(guestCID: UInt64 = 3, hostPorts: ClosedRange<UInt32>? = nil, bufferBytes: Int? = nil) {
            self.guestCID = guestCID
            self.hostPorts = hostPorts
            self.bufferBytes = bufferBytes
        }
    }

    /// Ports that only root of the host could use, if this were the kernel's own device.
    public static let privilegedPorts: ClosedRange<UInt32> = 512...1023

    /// The device itself.
    public let process: ChildProcess
    /// The guest's CID.
    public let guestCID: UInt64
    private let folder: String

    /// The hybrid socket, for `ballastctl guest --unix` and others that send `CONNECT port` first.
    public var socket: String { "\(folder)/vsock" }
    /// Where QEMU's chardev connects.
    var vhostUserSocket: String { "\(folder)/vhost-user" }
    private var memoryTableFile: String { "\(folder)/memory-table" }

    private init(process: ChildProcess, guestCID: UInt64, folder: String) {
        self.process = process
        self.guestCID = guestCID
        self.folder = folder
    }

    /// Starts a device, hands it to the closure, and ends it. Throws too where the device ended before that.
    /// - Parameter name: What its log is kept under; the calling function by default.
    @discardableResult
    public static func with<Result: Sendable>(
        _ settings: Settings = Settings(), name: String = #function, isolation: isolated (any Actor)? = #isolation,
        _ body: (VsockDevice) async throws -> Result
    ) async throws -> Result {
        let folder = try Scratch.folder()
        defer { Scratch.remove(folder) }
        let log = "\(try LogFolder.make("\(name.prefix { $0 != "(" })-vsock"))/vsock.log"
        var arguments = [
            "--vhost-user", "\(folder)/vhost-user", "--socket", "\(folder)/vsock", "--cid", "\(settings.guestCID)",
            "--memory-table", "\(folder)/memory-table",
        ]
        if let ports = settings.hostPorts { arguments += ["--host-ports", "\(ports.lowerBound)-\(ports.upperBound)"] }
        if let bytes = settings.bufferBytes { arguments += ["--buffer", "\(bytes)"] }
        let process = try ChildProcess.start("vsock-device", arguments, log: log)
        let device = VsockDevice(process: process, guestCID: settings.guestCID, folder: folder)
        do {
            try await eventually("the vsock device listens", every: .milliseconds(20)) {
                if let exit = process.exit { throw KitError("the vsock device ended with \(exit): \(process.log)") }
                return process.log.contains("ready")
            }
            let result = try await body(device)
            if let exit = process.exit { throw KitError("the vsock device ended with \(exit): \(process.log)") }
            await process.kill()
            return result
        } catch {
            await process.kill()
            throw error
        }
    }

    /// Connects to a port of the guest, waiting until somebody listens there.
    public func connect(to port: UInt32, within timeout: Duration = .seconds(60)) async throws -> VsockStream {
        let socket = self.socket
        let deadline = ContinuousClock().now + timeout
        while true {
            let stream = try await offThread { try VsockStream(socket: socket, port: port, timeout: timeout) }
            if let stream { return stream }
            if let exit = process.exit { throw KitError("the vsock device ended with \(exit): \(process.log)") }
            guard ContinuousClock().now < deadline else { throw KitError("nobody listens on the guest's port \(port)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Whether the guest, asked once, agrees to a connection to that port.
    public func isListening(on port: UInt32) async throws -> Bool {
        let socket = self.socket
        return try await offThread { try VsockStream(socket: socket, port: port, timeout: .seconds(60)) } != nil
    }

    /// Listens for connections that the guest opens to that port of the host.
    public func listen(on port: UInt32) throws -> VsockListener { try VsockListener(path: "\(socket)_\(port)") }

    /// The guest's memory as the VMM told it last; nil before the guest's driver has started.
    public func memoryTable() throws -> VsockMemoryTable? {
        let content = text(of: memoryTableFile)
        return content.isEmpty ? nil : try VsockMemoryTable(JSON(parsing: content))
    }
}
