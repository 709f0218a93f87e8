public import Glibc

/// A real guest under a real QEMU, for the length of a closure:
/// ```swift
/// try await Guest.with(.init(memory: 1 << 30, kernel: .v6_12)) { guest in
///     let output = try await guest.sh("cat /proc/meminfo")
/// }
/// ```
/// Whatever happens in the closure, QEMU is gone and its files are removed afterwards; logs stay in `build/test-logs`.
public final class Guest: Sendable {
    /// What it is made of.
    public let options: GuestOptions
    /// What runs its processors.
    public let accelerator: Accelerator
    /// QEMU.
    public let qemu: ChildProcess
    /// The kit's own QMP connection.
    public let qmp: QMPSocket
    let files: GuestFiles
    let channel: TestChannel
    let spawned = Monitor(0)

    /// The QMP socket that is for Ballast.
    public var ballastQMP: String { files.ballastQMP }
    /// The host's end of the agent's channel.
    public var agentSocket: String { files.agentSocket }
    /// QEMU's process id.
    public var pid: pid_t { qemu.pid }
    /// A folder for files of the test; removed with the guest.
    public var folder: String { files.folder }
    /// The folder of this guest's logs; it stays.
    public var logs: String { files.logs }

    private init(
        options: GuestOptions, accelerator: Accelerator, files: GuestFiles, qemu: ChildProcess, qmp: QMPSocket,
        channel: TestChannel
    ) {
        self.options = options
        self.accelerator = accelerator
        self.files = files
        self.qemu = qemu
        self.qmp = qmp
        self.channel = channel
    }

    /// Boots a guest, hands it to the closure, and tears it down.
    /// - Parameter name: What its logs are kept under; the calling function by default.
    @discardableResult
    public static func with<Result: Sendable>(
        _ options: GuestOptions = GuestOptions(), name: String = #function,
        isolation: isolated (any Actor)? = #isolation, _ body: (Guest) async throws -> Result
    ) async throws -> Result {
        let logs = try LogFolder.make(name)
        do {
            let files = try GuestFiles(options: options, logs: logs)
            let qemu: ChildProcess
            let accelerator: Accelerator
            do {
                accelerator = try await Accelerator.best()
                qemu = try await launch(options, files, accelerator)
            } catch {
                files.remove()
                throw error
            }
            do {
                let guest = try await attach(options, files, qemu, accelerator)
                let result = try await body(guest)
                await guest.tearDown()
                return result
            } catch {
                await qemu.kill()
                files.remove()
                throw error
            }
        } catch {
            complain("the logs of the guest that failed are in \(logs)")
            throw error
        }
    }

    private static func launch(
        _ options: GuestOptions, _ files: GuestFiles, _ accelerator: Accelerator
    ) async throws -> ChildProcess {
        guard let images = options.kernel.images else {
            throw KitError("kernel \(options.kernel) is not in \(Layout.cache): run scripts/guest-images")
        }
        var root: String?
        if case .debian(let package) = options.system { root = try await RootDisk.path(with: package) }
        let command = QEMUCommand(
            options: options, files: files, images: images, initramfs: try await Initramfs.path(for: options.kernel),
            root: root, accelerator: accelerator)
        try write(([images.qemu] + command.arguments).joined(separator: " ") + "\n", to: "\(files.logs)/command.log")
        return try ChildProcess.start(images.qemu, command.arguments, log: files.qemuLog)
    }

    private static func attach(
        _ options: GuestOptions, _ files: GuestFiles, _ qemu: ChildProcess, _ accelerator: Accelerator
    ) async throws -> Guest {
        let connected: (QMPSocket, TestChannel)
        do {
            connected = try await offThread {
                // QEMU listens as soon as it has read its arguments; when they are wrong it has ended by then.
                while access(files.kitQMP, F_OK) != 0 || access(files.testSocket, F_OK) != 0 {
                    if let exit = qemu.exit { throw KitError("QEMU ended with \(exit)") }
                    usleep(20_000)
                }
                return (try QMPSocket(path: files.kitQMP), try TestChannel(path: files.testSocket))
            }
        } catch {
            throw KitError("QEMU did not start: \(error); it says: \(qemu.log)")
        }
        let guest = Guest(
            options: options, accelerator: accelerator, files: files, qemu: qemu, qmp: connected.0,
            channel: connected.1)
        if options.incoming == nil { try await guest.waitForBoot(after: 0) }
        return guest
    }

    private func tearDown() async {
        await qemu.kill()
        channel.close()
        files.remove()
    }

    func waitForBoot(after count: Int) async throws {
        let channel = self.channel
        let deadline = ContinuousClock().now + options.bootTimeout
        while ContinuousClock().now < deadline {
            if try await offThread({ channel.waitForBoot(after: count, .milliseconds(500)) }) { return }
            try failIfDead()
        }
        throw KitError("the guest did not boot within \(options.bootTimeout); its console ends: \(consoleTail)")
    }

    /// Throws when QEMU has ended or the guest's kernel has panicked.
    func failIfDead() throws {
        if let exit = qemu.exit { throw KitError("QEMU ended with \(exit); it says: \(qemu.log)") }
        if consoleLog.contains("Kernel panic - not syncing") { throw KitError("the guest panicked: \(consoleTail)") }
    }

    private var consoleTail: String {
        consoleLog.split(separator: "\n").suffix(8).joined(separator: "\n")
    }
}
